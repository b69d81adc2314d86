// SPDX-License-Identifier: Apache-2.0
// The emulated PL031 behaves as ARM DDI 0224C says, as far as a driver can see.
#include <catch2/catch.hpp>
#include <device/vpl031.hpp>

using namespace vambrace;

namespace {

constexpr u32 dr = 0x00, mr = 0x04, lr = 0x08, cr = 0x0c, imsc = 0x10, ris = 0x14, mis = 0x18, icr = 0x1c;
constexpr Time_ns second = 1'000'000'000, start = 5 * second + 700'000'000;
constexpr u32 board_time = 1'709'208'000;

/// Of a board whose clock was read at `start`.
struct Device : Vpl031 {
    Device() : Vpl031 {Wall_clock {board_time, start}} {}
};

} // namespace

TEST_CASE("PL031: it shows the board's time and goes on with hypervisor time")
{
    Device clock;
    CHECK(clock.present());
    CHECK(clock.read(dr, start) == board_time);
    CHECK(clock.read(dr, start + second - 1) == board_time);
    CHECK(clock.read(dr, start + second) == board_time + 1);
    CHECK(clock.read(dr, start + 86'400 * second) == board_time + 86'400);
    CHECK(clock.read(cr, start) == 1);
}

TEST_CASE("PL031: without a clock of the board's there is none") { CHECK_FALSE(Vpl031 {}.present()); }

TEST_CASE("PL031: the load register sets the time of this one alone, and reads back")
{
    Device clock;
    Device const other;
    u32 const set = GENERATE(0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu);
    CHECK(clock.read(lr, start) == 0);
    clock.write(lr, set, start + 10 * second);
    CHECK(clock.read(dr, start + 10 * second) == set);
    CHECK(clock.read(lr, start + 12 * second) == set);
    CHECK(clock.read(dr, start + 12 * second) == set + 2); // wraps
    clock.write(lr, 1000, start + 13 * second);
    CHECK(clock.read(dr, start + 14 * second) == 1001);
    CHECK(Device {other}.read(dr, start + 14 * second) == board_time + 14);
}

TEST_CASE("PL031: the interrupt comes when counter and match register are equal, if it is not masked")
{
    Device clock;
    bool const masked = GENERATE(false, true);
    clock.write(imsc, !masked, start);
    clock.write(mr, board_time + 3, start + 500'000'000);
    CHECK(clock.read(mr, start) == board_time + 3);
    CHECK(clock.alarm() == (masked ? never : start + 3 * second));
    CHECK(clock.read(ris, start + 3 * second - 1) == 0);
    clock.advance(start + 3 * second);
    CHECK(clock.read(ris, start + 3 * second) == 1);
    CHECK(clock.read(mis, start + 3 * second) == !masked);
    CHECK(clock.line() == !masked);
    CHECK(clock.alarm() == never);
    clock.write(imsc, 1, start + 4 * second); // it was not forgotten
    CHECK(clock.line());
    clock.write(icr, GENERATE(0u, 1u, 2u), start + 5 * second);
    CHECK_FALSE(clock.line());
    CHECK(clock.read(ris, start + 100 * second) == 0); // once
}

TEST_CASE("PL031: an alarm that was masked when it came is there for who looks, without a timer")
{
    Device clock;
    clock.write(mr, board_time + 3, start);
    CHECK(clock.read(ris, start + 4 * second) == 1);
}

TEST_CASE("PL031: a match that is now is there at once, one that is past when the counter has gone round")
{
    Device clock;
    clock.write(imsc, 1, start);
    clock.write(mr, board_time + 1, start + second + 1);
    CHECK(clock.line());
    clock.write(icr, 1, start + second + 1);
    clock.write(mr, board_time, start + second + 1);
    CHECK_FALSE(clock.line());
    CHECK(clock.alarm() == start + (Time_ns {1} << 32) * second);
    clock.advance(clock.alarm());
    CHECK(clock.line());
    CHECK(clock.read(dr, start + (Time_ns {1} << 32) * second) == board_time);
}

TEST_CASE("PL031: setting the time moves the alarm")
{
    Device clock;
    clock.write(imsc, 1, start);
    clock.write(mr, 5000, start);
    clock.write(lr, 4990, start + 300'000'000);
    CHECK(clock.alarm() == start + 10 * second);
    clock.write(lr, 5000, start + 400'000'000);
    CHECK(clock.line());
}

TEST_CASE("PL031: a reset takes the alarm and leaves the time that was set")
{
    Device clock;
    clock.write(lr, 4990, start);
    clock.write(imsc, 1, start);
    clock.write(mr, 4990, start);
    clock.write(mr, 5000, start);
    REQUIRE(clock.line());
    clock.reset();
    CHECK_FALSE(clock.line());
    CHECK(clock.alarm() == never);
    CHECK(clock.read(imsc, start) == 0);
    CHECK(clock.read(mr, start) == 0);
    CHECK(clock.read(ris, start + 20 * second) == 0);
    CHECK(clock.read(dr, start + 20 * second) == 5010);
}

TEST_CASE("PL031: it cannot be stopped, nor written where it is read-only")
{
    Device clock;
    clock.write(cr, GENERATE(0u, 1u, 0xffffffffu), start);
    CHECK(clock.read(cr, start) == 1);
    for (u32 const offset : {dr, ris, mis})
        clock.write(offset, 0xffffffff, start);
    CHECK(clock.read(dr, start + second) == board_time + 1);
    CHECK(clock.read(ris, start + second) == 0);
    CHECK(clock.read(icr, start + second) == 0);
    clock.write(imsc, 0xfffffffe, start);
    CHECK(clock.read(imsc, start) == 0);
}

TEST_CASE("PL031: the identification is the one that Linux looks for")
{
    Device clock;
    u32 peripheral = 0, cell = 0;
    for (unsigned i = 0; i < 4; ++i) {
        peripheral |= clock.read(0xfe0 + 4 * i, start) << (8 * i);
        cell |= clock.read(0xff0 + 4 * i, start) << (8 * i);
    }
    CHECK(peripheral == 0x00041031);
    CHECK(cell == 0xb105f00d);
}

TEST_CASE("PL031: no offset, no value and no time does harm")
{
    Device clock;
    for (u32 offset = 0; offset < 0x1100; ++offset) {
        clock.write(offset, 0xffffffff, start + offset * second);
        clock.write(offset, 0, start + offset * second);
        u32 const value = clock.read(offset, start + offset * second);
        if (offset > icr && offset < 0xfe0)
            CHECK(value == 0);
    }
    CHECK(clock.read(0xffffffff, start) == 0);
    CHECK(clock.read(0x1000, start) == 0);
    clock.write(imsc, 1, Time_ns {1} << 62);
    clock.write(mr, 0, Time_ns {1} << 62);
    CHECK(clock.alarm() > Time_ns {1} << 62);
}
