// SPDX-License-Identifier: Apache-2.0
// The system registers of ARM's boards, and the clock select of their timers, against registers in memory.
#include <array>
#include <catch2/catch.hpp>
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/sp810/sp810.hpp>

using namespace vambrace;

namespace {

struct Board {
    std::array<u32, 1024> registers {};
    std::uintptr_t base = reinterpret_cast<std::uintptr_t>(registers.data());
    u32 &at(u32 offset) { return registers[offset / 4]; }
};

} // namespace

TEST_CASE("SYS: the counter is the 24 MHz one")
{
    Board board;
    board.at(0x5c) = 0x12345678;
    CHECK(Arm_sysreg {board.base}.ticks() == 0x12345678);
}

TEST_CASE("SYS: the reset register is unlocked before it is written")
{
    Board board;
    Arm_sysreg {board.base}.write_reset_control(0x105);
    CHECK(board.at(0x20) == 0xa05f);
    CHECK(board.at(0x40) == 0x105);
}

TEST_CASE("SYS: a reboot is a write to function 9 of the motherboard's controller")
{
    Board board;
    Arm_sysreg {board.base}.reboot();
    CHECK(board.at(0xa4) == 0xc0900000);
    CHECK(board.at(0x40) == 0);
}

TEST_CASE("SP810: all timers count 1 MHz, and nothing else changes")
{
    Board board;
    board.at(0) = 0x10001;
    Sp810 {board.base}.count_1mhz();
    CHECK(board.at(0) == (0x10001 | 0x2a8000));
}
