// SPDX-License-Identifier: Apache-2.0
// The system registers of ARM's boards, and the clock select of their timers, against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/sp810/sp810.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

TEST_CASE("SYS: the counter is the 24 MHz one")
{
    Register_file registers;
    registers.at(0x5c) = 0x12345678;
    CHECK(Arm_sysreg {registers.base()}.ticks() == 0x12345678);
}

TEST_CASE("SYS: the reset register is unlocked before it is written")
{
    Register_file registers;
    Arm_sysreg {registers.base()}.write_reset_control(0x105);
    CHECK(registers.at(0x20) == 0xa05f);
    CHECK(registers.at(0x40) == 0x105);
}

TEST_CASE("SYS: a reboot is a write to function 9 of the motherboard's controller")
{
    Register_file registers;
    Arm_sysreg {registers.base()}.reboot();
    CHECK(registers.at(0xa4) == 0xc0900000);
    CHECK(registers.at(0x40) == 0);
}

TEST_CASE("SP810: all timers count 1 MHz, and nothing else changes")
{
    Register_file registers;
    registers.at(0) = 0x10001;
    Sp810 {registers.base()}.count_1mhz();
    CHECK(registers.at(0) == (0x10001 | 0x2a8000));
}
