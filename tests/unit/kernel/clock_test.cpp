// SPDX-License-Identifier: Apache-2.0
// Hypervisor time: right to the parts per billion that the multiplier allows, and it never goes back.
#include <catch2/catch.hpp>
#include <kernel/clock.hpp>

using namespace vambrace;

namespace {

constexpr u32 hz = 24'000'000;

/// Exact time of so many ticks.
Time_ns exact(u64 ticks) { return ticks / hz * 1'000'000'000 + ticks % hz * 1'000'000'000 / hz; }

} // namespace

TEST_CASE("time starts at 0 and runs with the counter")
{
    Clock const clock {hz};
    CHECK(clock.at(0) == 0);
    CHECK(clock.at(24) == Approx(1000).margin(1));
    CHECK(clock.at(hz) == Approx(1e9).margin(2));
    CHECK(clock.at(0xffffffff) == Approx(exact(0xffffffff)).epsilon(1e-8));
}

TEST_CASE("a counter of any board's speed makes a time that is right to a millionth")
{
    u32 const speed = GENERATE(1'000'000u, 3'000'000u, 24'000'000u, 111'111'115u, 1'000'000'000u);
    Clock const clock {speed};
    CHECK(clock.at(speed) == Approx(1e9).epsilon(1e-6));
    CHECK(clock.at(0xffffffff) == Approx(1e9 * 0xffffffff / speed).epsilon(1e-6));
    CHECK(clock.mult() == Approx(1e9 * (1u << clock.shift()) / speed).epsilon(1e-6));
}

TEST_CASE("a guest that computes as docs/abi.md says gets the hypervisor's time")
{
    Clock clock {hz};
    clock.renew(GENERATE(0u, 1u, 0x60000000u, 0xfffffff0u));
    u32 const counter = clock.base_ticks() + GENERATE(0u, 1u, 24'000'000u, 0xffffffffu);
    u64 const guest =
        clock.base_ns() + ((u64 {counter - clock.base_ticks()} * clock.mult()) >> clock.shift());
    CHECK(guest == clock.at(counter));
}

TEST_CASE("renewing the base changes no time")
{
    Clock clock {hz};
    u32 const ticks = GENERATE(0u, 1u, 12345u, 0x60000000u, 0xffffffffu);
    Time_ns const before = clock.at(ticks);
    clock.renew(ticks);
    CHECK(clock.at(ticks) == before);
    CHECK(clock.base_ns() == before);
    CHECK(clock.base_ticks() == ticks);
    CHECK(clock.generation() == 1);
}

TEST_CASE("time never goes back while the counter wraps round, however late it is renewed before that")
{
    Clock clock {hz};
    u32 const step = GENERATE(1'000'003u, 0x10000001u, 0x3fffffffu);
    u64 ticks = 0;
    Time_ns last = 0;
    unsigned renewed = 0;
    while (ticks < 40ull << 32 && renewed < 200) {
        ticks += step;
        Time_ns const now = clock.at(static_cast<u32>(ticks));
        REQUIRE(now >= last);
        last = now;
        if (now >= clock.renew_at()) {
            clock.renew(static_cast<u32>(ticks));
            ++renewed;
            REQUIRE(clock.at(static_cast<u32>(ticks)) >= last);
        }
    }
    CHECK(renewed > 10);
    CHECK(last == Approx(exact(ticks)).epsilon(1e-8));
}

TEST_CASE("there is time to renew: at least as long as it took, before the counter has gone round")
{
    Clock const clock {hz};
    Time_ns const round = exact(1ull << 32);
    CHECK(clock.renew_at() < round / 2);
    CHECK(clock.renew_at() > 60'000'000'000);
}

TEST_CASE("wall time ticks with hypervisor time from when the board's clock was read")
{
    constexpr Time_ns second = 1'000'000'000, start = 700'000'000;
    Wall_clock const clock {1000, start};
    CHECK(clock.known());
    CHECK(clock.at(start) == 1000);
    CHECK(clock.at(start + second - 1) == 1000);
    CHECK(clock.at(start + second) == 1001);
    CHECK(clock.after(0, start + 1) == start + 1);
    CHECK(clock.after(1, start) == start + second);
    CHECK(clock.after(1, start + second - 1) == start + second);
    CHECK(clock.after(3, start + second) == start + 4 * second);
    CHECK_FALSE(Wall_clock {}.known());
}

TEST_CASE("wall time wraps where 32 bits of seconds do")
{
    Wall_clock const clock {0xffffffff, 0};
    CHECK(clock.at(1'000'000'000) == 0);
    CHECK(clock.after(0xffffffff, 0) == Time_ns {0xffffffff} * 1'000'000'000);
}
