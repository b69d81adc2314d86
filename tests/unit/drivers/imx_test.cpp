// SPDX-License-Identifier: Apache-2.0
// The i.MX drivers against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/imx_gpt/imx_gpt.hpp>
#include <drivers/imx_uart/imx_uart.hpp>
#include <drivers/imx_wdog/imx_wdog.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

TEST_CASE("i.MX UART: starting keeps the loader's settings, turns both ways on and every interrupt off")
{
    Register_file registers;
    registers.at(0x80) = 0xffff;
    registers.at(0x84) = 0xd038; // ATEN, RTSEN, WS, ESCI; in reset
    registers.at(0x88) = 0x3f84;
    registers.at(0x8c) = 0x81ff;
    registers.at(0x90) = 0x0a20; // TXTL = 2, RFDIV = 4, RXTL = 32
    Imx_uart {registers.base()}.start();
    CHECK(registers.at(0x80) == 1);
    CHECK(registers.at(0x84) == 0x5027);
    CHECK(registers.at(0x88) == 0x0784);
    CHECK(registers.at(0x8c) == 0x8000);
    CHECK(registers.at(0x90) == 0x0a01);
}

TEST_CASE("i.MX UART: a character is written as a byte and read without its error bits")
{
    Register_file registers;
    Imx_uart const uart {registers.base()};
    uart.put('\xe9');
    CHECK(registers.at(0x40) == 0xe9);
    CHECK_FALSE(uart.readable());
    registers.at(0x98) = 1;
    CHECK(uart.readable());
    registers.at(0x00) = 0xfc41;
    CHECK(uart.get() == 'A');
}

TEST_CASE("i.MX UART: receiving interrupts by level")
{
    Register_file registers;
    Imx_uart const uart {registers.base()};
    uart.enable_rx_interrupt();
    CHECK(registers.at(0x80) == 0x201);
    uart.disable_rx_interrupt();
    CHECK(registers.at(0x80) == 0x001);
}

TEST_CASE("i.MX GPT: it counts an eighth of the crystal freely, from 0, without interrupts")
{
    Register_file registers;
    registers.at(0x04) = 0xfff;
    registers.at(0x0c) = 0x3f;
    Imx_gpt {registers.base()}.start();
    CHECK(registers.at(0x00) == 0x37f);
    CHECK(registers.at(0x04) == 0);
    CHECK(registers.at(0x0c) == 0);
}

TEST_CASE("i.MX GPT: a one-shot is the counter's value then, three ticks for a microsecond")
{
    Register_file registers;
    auto const [now, us, target] = GENERATE(table<u32, u32, u32>({
        {1000, 500, 2500},
        {1000, 0, 1003},
        {0xffffff00, 0x100, 0x200},
        {1000, 0xffffffff, 1000 + 0x3fffffff},
    }));
    registers.at(0x24) = now;
    Imx_gpt {registers.base()}.set(us);
    CHECK(registers.at(0x10) == target);
    CHECK(registers.at(0x08) == 1);
    CHECK(registers.at(0x0c) == 1);
}

TEST_CASE("i.MX watchdog: a reset clears SRS and WDA in 16 bits")
{
    Register_file registers;
    registers.at(0) = 0xabcdffff;
    Imx_wdog {registers.base()}.reset();
    CHECK(registers.at(0) == 0xabcd0004);
}
