// SPDX-License-Identifier: Apache-2.0
// Restarts: at once now and then, ever later in a row, and in the end no more.
#include <catch2/catch.hpp>
#include <kernel/restart_policy.hpp>

using namespace vambrace;

namespace {

constexpr Time_ns ms = 1'000'000, s = 1000 * ms;

struct Guest {
    Restart_policy policy;
    Time_ns now = 5 * s;

    explicit Guest() { policy.started(now); }
    Time_ns lives(Time_ns life)
    {
        now += life;
        Time_ns const wait = policy.wait(now);
        if (wait != never)
            now += wait;
        policy.started(now);
        return wait;
    }
};

} // namespace

TEST_CASE("the waits of restarts in a row double, and the eighth is refused")
{
    Guest g;
    for (unsigned n = 0; n != 7; ++n) {
        CHECK(g.lives(3 * s) == (100 * ms << n));
        CHECK(g.policy.in_a_row() == n + 1);
    }
    CHECK(g.lives(3 * s) == never);
    CHECK(g.lives(0) == never);
}

TEST_CASE("a guest that lived for a minute restarts at once, as often as it likes")
{
    Guest g;
    for (unsigned n = 0; n != 100; ++n)
        CHECK(g.lives(60 * s) == 100 * ms);
    for (unsigned n = 1; n != 7; ++n)
        CHECK(g.lives(60 * s - 1) == (100 * ms << n));
    CHECK(g.lives(60 * s - 1) == never);
}

TEST_CASE("the time that a guest waits is no part of its life")
{
    Guest g;
    for (unsigned n = 0; n != 6; ++n)
        g.lives(59 * s);
    CHECK(g.lives(59 * s) == 6'400 * ms);
    CHECK(g.lives(59 * s) == never);
}

TEST_CASE("a long life ends the row, however long it was")
{
    Guest g;
    for (unsigned n = 0; n != 7; ++n)
        g.lives(1 * s);
    CHECK(g.lives(61 * s) == 100 * ms);
    CHECK(g.lives(1 * s) == 200 * ms);
}
