// SPDX-License-Identifier: Apache-2.0
// The outer cache's driver against registers in memory.
#include <array>
#include <catch2/catch.hpp>
#include <drivers/l2c/l2c.hpp>
#include <thread>

using namespace vambrace;

namespace {

struct Board {
    std::array<u32, 1024> registers {};
    u32 &at(u32 offset) { return registers[offset / 4]; }
    u32 volatile &now(u32 offset) { return registers[offset / 4]; }
};

} // namespace

TEST_CASE("outer cache: one that is off is left alone")
{
    Board board;
    board.at(0x104) = 1 << 16;
    std::array<u32, 1024> const before = board.registers;
    L2c {reinterpret_cast<std::uintptr_t>(board.registers.data())}.turn_off();
    CHECK(board.registers == before);
}

TEST_CASE("outer cache: one that is on is written back, all of its ways, and then switched off")
{
    Board board;
    auto const [id, auxiliary, ways] = GENERATE(table<u32, u32, u32>({
        {0x410000c8, 0x00010000, 0xffff}, // L2C-310 r3p2
        {0x410000c8, 0x02060000, 0xff},
        {0x41000086, 0x00010000, 0xff}, // L220 with 8 ways
    }));
    board.at(0x000) = id;
    board.at(0x104) = auxiliary;
    board.at(0x100) = 1;
    u32 cleaned = 0, on_meanwhile = 0;
    std::thread hardware {[&] {
        while (!board.now(0x7fc)) {}
        cleaned = board.now(0x7fc);
        on_meanwhile = board.now(0x100);
        board.now(0x7fc) = 0;
    }};
    L2c {reinterpret_cast<std::uintptr_t>(board.registers.data())}.turn_off();
    hardware.join();
    CHECK(cleaned == ways);
    CHECK(on_meanwhile == 1);
    CHECK(board.at(0x100) == 0);
}
