// SPDX-License-Identifier: Apache-2.0
// The PL011 driver against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/pl011/pl011.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

using Board = Driven<Pl011>;

TEST_CASE("PL011: starting clears what was pending, masks everything and turns FIFOs and both ways on")
{
    Board board;
    board.at(0x38) = 0x7ff;
    board.driver.start();
    CHECK(board.at(0x38) == 0);
    CHECK(board.at(0x44) == 0x7ff);
    CHECK(board.at(0x2c) == 0x70);
    CHECK(board.at(0x30) == 0x301);
}

TEST_CASE("PL011: a character is written as a byte, without its sign")
{
    Board board;
    board.driver.put('\xe9');
    CHECK(board.at(0x00) == 0xe9);
}

TEST_CASE("PL011: it is readable when FR.RXFE is clear, and the error bits of DR are dropped")
{
    Board board;
    CHECK(board.driver.readable());
    board.at(0x18) = 1 << 4;
    CHECK_FALSE(board.driver.readable());
    board.at(0x00) = 0xf41;
    CHECK(board.driver.get() == 'A');
}

TEST_CASE("PL011: receiving interrupts by level and by timeout")
{
    Board board;
    board.driver.enable_rx_interrupt();
    CHECK(board.at(0x38) == 0x50);
    board.driver.disable_rx_interrupt();
    CHECK(board.at(0x38) == 0);
}

TEST_CASE("PL011: the divisor is the clock's part of 16 times the baud rate, with its fraction in 64ths")
{
    Board board;
    board.driver.set_baud(48'000'000, 115'200); // 26.04
    CHECK(board.at(0x24) == 26);
    CHECK(board.at(0x28) == 3);
    board.driver.set_baud(24'000'000, 38'400); // 39.06
    CHECK(board.at(0x24) == 39);
    CHECK(board.at(0x28) == 4);
}
