// SPDX-License-Identifier: Apache-2.0
// The BCM2835's drivers against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/bcm2835_gpio/bcm2835_gpio.hpp>
#include <drivers/bcm2835_irq/bcm2835_irq.hpp>
#include <drivers/bcm2835_pm/bcm2835_pm.hpp>
#include <drivers/bcm2835_rng/bcm2835_rng.hpp>
#include <drivers/bcm2835_timer/bcm2835_timer.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

TEST_CASE("BCM2835 interrupts: starting disables all three words and the FIQ")
{
    Register_file registers;
    registers.at(0x0c) = 0x80;
    Bcm2835_irq {registers.base()}.start();
    CHECK(registers.at(0x0c) == 0);
    CHECK(registers.at(0x1c) == 0xffffffff);
    CHECK(registers.at(0x20) == 0xffffffff);
    CHECK(registers.at(0x24) == 0xffffffff);
}

TEST_CASE("BCM2835 interrupts: a line has its own bit of its own word")
{
    Register_file registers;
    Bcm2835_irq const chip {registers.base()};
    chip.enable(3);
    CHECK(registers.at(0x10) == 1u << 3);
    chip.enable(57);
    CHECK(registers.at(0x14) == 1u << 25);
    chip.disable(57);
    CHECK(registers.at(0x20) == 1u << 25);
}

TEST_CASE("BCM2835 interrupts: lines of both words are taken")
{
    Register_file registers;
    Bcm2835_irq const chip {registers.base()};
    CHECK_FALSE(chip.take());
    registers.at(0x08) = 1u << 25;
    CHECK(chip.take().line() == 57);
    registers.at(0x04) = 1u << 3;
    CHECK(chip.take().line() == 3);
}

TEST_CASE("BCM2835 timer: a one-shot is the counter's value then, in channel 3")
{
    Register_file registers;
    Bcm2835_timer const timer {registers.base()};
    auto const [now, us, target] = GENERATE(table<u32, u32, u32>({
        {1000, 500, 1500},
        {1000, 0, 1001},
        {0xffffff00, 0x200, 0x100}, // past the counter's wrap
        {1000, 0xffffffff, 1000 + 0x3fffffff},
    }));
    registers.at(0x04) = now;
    timer.set(us);
    CHECK(registers.at(0x18) == target);
    CHECK(registers.at(0x00) == 1u << 3); // what was pending is acknowledged
    CHECK(timer.ticks() == now);
}

TEST_CASE("BCM2835 power management: a reset is a short watchdog, every write with the password")
{
    Register_file registers;
    registers.at(0x1c) = 0x5a000112;
    Bcm2835_pm {registers.base()}.reset();
    CHECK(registers.at(0x24) == 0x5a00000a);
    CHECK(registers.at(0x1c) == 0x5a000122);
}

TEST_CASE("BCM2835 pins: the UART's two get function 0, and the others keep theirs")
{
    Register_file registers;
    registers.at(0x04) = 0xffffffff;
    Bcm2835_gpio {registers.base()}.route_uart0();
    CHECK(registers.at(0x04) == 0xfffe4fff);
}

TEST_CASE("BCM2835 randomness: it starts without its first numbers")
{
    Register_file registers;
    Bcm2835_rng {registers.base()}.start();
    CHECK(registers.at(0x04) == 0x40000);
    CHECK(registers.at(0x00) == 1);
}

TEST_CASE("BCM2835 randomness: there is a word if the FIFO holds one")
{
    Register_file registers;
    Bcm2835_rng const rng {registers.base()};
    registers.at(0x08) = 0x12345678;
    registers.at(0x04) = 0x00fffff0; // it is still leaving numbers out
    CHECK(rng.word().error() == Error::again);
    registers.at(0x04) = 0x01000000;
    CHECK(*rng.word() == 0x12345678);
}
