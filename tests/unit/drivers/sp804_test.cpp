// SPDX-License-Identifier: Apache-2.0
// The SP804 driver against registers in memory.
#include <catch2/catch.hpp>
#include <drivers/sp804/sp804.hpp>
#include <support/register_file.hpp>

using namespace vambrace;

using Board = Driven<Sp804>;

TEST_CASE("SP804: a one-shot has 32 bits, an interrupt and no repetition")
{
    Board board;
    board.driver.set(1000);
    CHECK(board.at(0x00) == 1000);
    CHECK(board.at(0x08) == 0xa3);
    CHECK(board.at(0x0c) == 1);
}

TEST_CASE("SP804: no tick at all is one tick")
{
    Board board;
    board.driver.set(0);
    CHECK(board.at(0x00) == 1);
}

TEST_CASE("SP804: cancelling stops the timer and takes its interrupt back")
{
    Board board;
    board.driver.set(1000);
    board.at(0x0c) = 0;
    board.driver.cancel();
    CHECK(board.at(0x08) == 0);
    CHECK(board.at(0x0c) == 1);
}

TEST_CASE("SP804: the second timer counts freely, without interrupts, and its ticks go up")
{
    Board board;
    board.driver.start();
    CHECK(board.at(0x20) == 0xffffffff);
    CHECK(board.at(0x28) == 0x82);
    board.at(0x24) = 0xffffffff;
    CHECK(board.driver.ticks() == 0);
    board.at(0x24) = 0xfffffff0;
    CHECK(board.driver.ticks() == 15);
}
