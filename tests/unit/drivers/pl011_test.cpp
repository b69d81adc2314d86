// SPDX-License-Identifier: Apache-2.0
// The PL011 driver against registers in memory.
#include <array>
#include <catch2/catch.hpp>
#include <drivers/pl011/pl011.hpp>

using namespace vambrace;

namespace {

struct Board {
    std::array<u32, 1024> registers {};
    Pl011 uart {reinterpret_cast<std::uintptr_t>(registers.data())};
    u32 &at(u32 offset) { return registers[offset / 4]; }
};

} // namespace

TEST_CASE("PL011: starting clears what was pending, masks everything and turns FIFOs and both ways on")
{
    Board board;
    board.at(0x38) = 0x7ff;
    board.uart.start();
    CHECK(board.at(0x38) == 0);
    CHECK(board.at(0x44) == 0x7ff);
    CHECK(board.at(0x2c) == 0x70);
    CHECK(board.at(0x30) == 0x301);
}

TEST_CASE("PL011: a character is written as a byte, without its sign")
{
    Board board;
    board.uart.put('\xe9');
    CHECK(board.at(0x00) == 0xe9);
}

TEST_CASE("PL011: it is readable when FR.RXFE is clear, and the error bits of DR are dropped")
{
    Board board;
    CHECK(board.uart.readable());
    board.at(0x18) = 1 << 4;
    CHECK_FALSE(board.uart.readable());
    board.at(0x00) = 0xf41;
    CHECK(board.uart.get() == 'A');
}

TEST_CASE("PL011: receiving interrupts by level and by timeout")
{
    Board board;
    board.uart.enable_rx_interrupt();
    CHECK(board.at(0x38) == 0x50);
    board.uart.disable_rx_interrupt();
    CHECK(board.at(0x38) == 0);
}

TEST_CASE("PL011: the divisor is the clock's part of 16 times the baud rate, with its fraction in 64ths")
{
    Board board;
    board.uart.set_baud(48'000'000, 115'200); // 26.04
    CHECK(board.at(0x24) == 26);
    CHECK(board.at(0x28) == 3);
    board.uart.set_baud(24'000'000, 38'400); // 39.06
    CHECK(board.at(0x24) == 39);
    CHECK(board.at(0x28) == 4);
}
