// SPDX-License-Identifier: Apache-2.0
// The PL190 driver against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/pl190/pl190.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

using Board = Driven<Pl190>;

TEST_CASE("PL190: starting disables every line and makes all of them IRQ")
{
    Board board;
    board.at(0x0c) = 0xffffffff;
    board.driver.start();
    CHECK(board.at(0x14) == 0xffffffff);
    CHECK(board.at(0x1c) == 0xffffffff);
    CHECK(board.at(0x0c) == 0);
}

TEST_CASE("PL190: a line is enabled and disabled by its own bit, the highest too")
{
    Board board;
    board.driver.enable(31);
    CHECK(board.at(0x10) == 0x80000000);
    board.driver.disable(12);
    CHECK(board.at(0x14) == 0x1000);
}

TEST_CASE("PL190: a line is taken from the masked status")
{
    Board board;
    board.at(0x08) = 0xffff;
    CHECK_FALSE(board.driver.take());
    board.at(0x00) = 0x1010;
    CHECK(board.driver.take().line() == 12);
    board.at(0x00) = 0x0010;
    CHECK(board.driver.take().line() == 4);
    board.at(0x00) = 0x80000001;
    CHECK(board.driver.take().line() == 31);
    board.at(0x00) = 0x00000001;
    CHECK(board.driver.take().line() == 0);
}
