// SPDX-License-Identifier: Apache-2.0
// The GIC driver against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/gic_v2/gic_v2.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

namespace {

struct Board {
    Register_file distributor, cpu;
    Gic_v2 chip {distributor.base(), cpu.base()};
    u32 &at(u32 offset) { return distributor.at(offset); }
};

} // namespace

TEST_CASE("GIC: starting puts every line that it has into a known state, and no other word")
{
    Board board;
    board.at(0x004) = 0xfc00 | 2; // 96 lines
    board.at(0x088) = board.at(0x08c) = 0xffffffff;
    board.at(0xc08) = board.at(0xc14) = board.at(0xc18) = 0xffffffff;
    board.chip.start();
    for (u32 const row : {0x180u, 0x280u, 0x380u}) {
        CHECK(board.at(row) == 0xffffffff);
        CHECK(board.at(row + 8) == 0xffffffff);
        CHECK(board.at(row + 12) == 0);
    }
    CHECK(board.at(0x088) == 0); // secure lines: group 0
    CHECK(board.at(0x08c) == 0xffffffff);
    CHECK(board.at(0x400) == 0xa0a0a0a0);
    CHECK(board.at(0x45c) == 0xa0a0a0a0);
    CHECK(board.at(0x460) == 0);
    CHECK(board.at(0xc08) == 0); // level-sensitive
    CHECK(board.at(0xc14) == 0);
    CHECK(board.at(0xc18) == 0xffffffff);
    CHECK(board.at(0x000) == 1);
    CHECK(board.cpu.at(0x00) == 1);
    CHECK(board.cpu.at(0x04) == 0xf0);
}

TEST_CASE("GIC: lines go to the core that starts it, as its own lines name it")
{
    Board board;
    board.at(0x004) = 1;
    auto const [own, expected] = GENERATE(
        table<u32, u32>({{0, 0}, {0x01010101, 0x01010101}, {0x04040000, 0x04040404}, {0x02, 0x02020202}}));
    board.at(0x81c) = own; // an ARM11 MPCore names itself for lines 29 to 31 only
    board.chip.start();
    CHECK(board.at(0x81c) == own);
    CHECK(board.at(0x820) == expected);
    CHECK(board.at(0x83c) == expected);
    CHECK(board.at(0x840) == 0);
}

TEST_CASE("GIC: a line is enabled and disabled by its own bit of its own word")
{
    Board board;
    board.chip.enable(37);
    CHECK(board.at(0x104) == 1u << 5);
    board.chip.disable(95);
    CHECK(board.at(0x188) == 1u << 31);
}

TEST_CASE("GIC: what it acknowledges is given back")
{
    Board board;
    auto const [iar, line, source] = GENERATE(table<u32, unsigned, unsigned>({
        {34, 34, 0},
        {1019, 1019, 0},
        {0x0803, 3, 2}, // an interrupt that core 2 sends (IHI 0048B 4.4.4: bits 12:10)
        {0x1c0f, 15, 7},
        {0, 0, 0}, // core 0 sends, line 0
    }));
    board.cpu.at(0x0c) = iar;
    auto const taken = board.chip.take();
    REQUIRE(taken);
    CHECK(taken.line() == line);
    CHECK(taken.source() == source);
    board.cpu.at(0x10) = ~0u;
    board.chip.finish(taken);
    CHECK(board.cpu.at(0x10) == iar); // with the source (IHI 0048B 4.4.5), or it stays active
}

TEST_CASE("GIC: special numbers are no line")
{
    Board board;
    board.cpu.at(0x0c) = GENERATE(1020u, 1022u, 1023u);
    CHECK_FALSE(board.chip.take());
}
