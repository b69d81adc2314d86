// SPDX-License-Identifier: Apache-2.0
// The PL031 driver against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/pl031/pl031.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

using Board = Driven<Pl031>;

TEST_CASE("PL031: starting lets it count, switches its alarm off and sets neither time nor match")
{
    Board board;
    board.at(0x00) = 1'709'208'000;
    board.at(0x04) = 77;
    board.at(0x08) = 1'709'000'000;
    board.at(0x10) = 1;
    board.driver.start();
    CHECK(board.at(0x0c) == 1);
    CHECK(board.at(0x10) == 0);
    CHECK(board.at(0x1c) == 1);
    CHECK(board.at(0x00) == 1'709'208'000);
    CHECK(board.at(0x04) == 77);
    CHECK(board.at(0x08) == 1'709'000'000);
}

TEST_CASE("PL031: the time is the data register's, all 32 bits")
{
    Board board;
    board.at(0x00) = 0xfedcba98;
    board.at(0x08) = 1;
    CHECK(board.driver.seconds() == 0xfedcba98);
}
