// SPDX-License-Identifier: Apache-2.0
// The Zynq's drivers, and the Cortex-A9's timers, against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/a9_timer/a9_timer.hpp>
#include <drivers/cadence_uart/cadence_uart.hpp>
#include <drivers/zynq_slcr/zynq_slcr.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

TEST_CASE(
    "Cadence UART: starting turns both ways on and every interrupt off; one character is enough for one")
{
    Register_file registers;
    registers.at(0x00) = 0x128;
    Cadence_uart {registers.base()}.start();
    CHECK(registers.at(0x00) == 0x14);
    CHECK(registers.at(0x0c) == 0x1fff);
    CHECK(registers.at(0x14) == 0x1fff);
    CHECK(registers.at(0x20) == 1);
}

TEST_CASE("Cadence UART: a character is written as a byte")
{
    Register_file registers;
    Cadence_uart {registers.base()}.put('\xe9');
    CHECK(registers.at(0x30) == 0xe9);
}

TEST_CASE("Cadence UART: the sticky receive status goes with the last character, not before")
{
    Register_file registers;
    Cadence_uart const uart {registers.base()};
    registers.at(0x30) = 'A';
    registers.at(0x2c) = 0;
    CHECK(uart.readable());
    CHECK(uart.get() == 'A');
    CHECK(registers.at(0x14) == 0);
    registers.at(0x2c) = 2;
    CHECK_FALSE(uart.readable());
    CHECK(uart.get() == 'A');
    CHECK(registers.at(0x14) == 1);
}

TEST_CASE("Cadence UART: receiving has its own interrupt")
{
    Register_file registers;
    Cadence_uart const uart {registers.base()};
    uart.enable_rx_interrupt();
    CHECK(registers.at(0x08) == 1);
    uart.disable_rx_interrupt();
    CHECK(registers.at(0x0c) == 1);
}

TEST_CASE("A9 timers: the global timer counts, and the private timer is off")
{
    Register_file registers;
    registers.at(0x608) = 0xff07;
    A9_timer const timer {registers.base(), 100'000'000};
    timer.start();
    CHECK(registers.at(0x608) == 0);
    CHECK(registers.at(0x208) == 1);
    registers.at(0x200) = 0x12345678;
    CHECK(timer.ticks() == 0x12345678);
}

TEST_CASE("A9 timers: a one-shot has an interrupt, no repetition, and the ticks of its time at any speed")
{
    Register_file registers;
    auto const [hz, us] = GENERATE(table<u32, u32>({{100'000'000, 1000},
                                                    {108'333'333, 12345},
                                                    {333'333'333, 10'000},
                                                    {1'000'000, 1},
                                                    {4'000'000'000u, 100}}));
    A9_timer {registers.base(), hz}.set(us);
    double const exact = 1e-6 * hz * us;
    // It counts one tick more than it is loaded with (DDI 0407G 4.1).
    CHECK(registers.at(0x600) + 1.0 >= exact);
    CHECK(registers.at(0x600) <= exact * 1.0001 + 1);
    CHECK(registers.at(0x608) == 5);
    CHECK(registers.at(0x60c) == 1);
}

TEST_CASE("A9 timers: what is too long is as long as possible, and nothing is one microsecond")
{
    Register_file registers;
    A9_timer {registers.base(), 333'333'333}.set(0xffffffff);
    CHECK(registers.at(0x600) == 0xffffffff);
    A9_timer {registers.base(), 333'333'333}.set(0);
    CHECK(registers.at(0x600) == 333);
}

TEST_CASE("Zynq: the cores' timers run at half of the PLL's clock by its divisor")
{
    Register_file registers;
    registers.at(0x100) = 0x0001a008; // reset: 26
    registers.at(0x120) = 0x1f000400; // the ARM PLL by 4
    CHECK(Zynq_slcr {registers.base()}.cpu_3x2x(33'333'333) == 16'666'666 * 26 / 4);
    registers.at(0x100) = 0x00028008; // as the ZC702's first stage loader sets it: 40 by 2
    registers.at(0x120) = 0x1f000200;
    CHECK(Zynq_slcr {registers.base()}.cpu_3x2x(33'333'333) == Approx(333'333'333).margin(40));
    registers.at(0x120) = 0x1f000230; // the IO PLL, bypassed
    registers.at(0x108) = 0x0001e010;
    CHECK(Zynq_slcr {registers.base()}.cpu_3x2x(33'333'333) == 16'666'666 / 2);
}

TEST_CASE("Zynq: the outer cache's RAMs get what they need, unlocked first")
{
    Register_file registers;
    registers.at(0xa1c) = 0x00010101;
    Zynq_slcr {registers.base()}.set_l2_rams();
    CHECK(registers.at(0x008) == 0xdf0d);
    CHECK(registers.at(0xa1c) == 0x00020202);
}

TEST_CASE("Zynq: the reset register is unlocked first")
{
    Register_file registers;
    Zynq_slcr {registers.base()}.reset();
    CHECK(registers.at(0x008) == 0xdf0d);
    CHECK(registers.at(0x200) == 1);
}
