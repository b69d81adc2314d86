// SPDX-License-Identifier: Apache-2.0
// The scheduler: turns, fairness, and no timer for one that is alone.
#include <algorithm>
#include <catch2/catch.hpp>
#include <kernel/scheduler.hpp>

using namespace vambrace;

namespace {

constexpr Time_ns slice = 100;

constexpr unsigned nobody = ~0u;

/// A scheduler and vcpus by number, of which the first ones are known.
struct Numbered {
    explicit Numbered(unsigned count)
    {
        for (unsigned id = 0; id < count; id++)
            REQUIRE(add(id) == Error::none);
    }

    Error add(unsigned id) { return scheduler.add(vcpus[id]); }
    void remove(unsigned id) { scheduler.remove(vcpus[id]); }
    void block(unsigned id) { scheduler.block(vcpus[id]); }
    void wake(unsigned id) { scheduler.wake(vcpus[id]); }
    void yield(unsigned id) { scheduler.yield(vcpus[id]); }
    bool runnable(unsigned id) const { return scheduler.runnable(vcpus[id]); }
    Time_ns slice_end() const { return scheduler.slice_end(); }
    unsigned pick(Time_ns now)
    {
        Runnable const *const picked = scheduler.pick(now);
        return picked ? static_cast<unsigned>(picked - vcpus) : nobody;
    }

    Runnable vcpus[10];
    Scheduler scheduler {slice};
};

} // namespace

TEST_CASE("without a runnable vcpu nobody is picked")
{
    Numbered scheduler {0};
    CHECK(scheduler.pick(0) == nobody);
    CHECK(scheduler.slice_end() == never);
    REQUIRE(scheduler.add(3) == Error::none);
    scheduler.block(3);
    CHECK(scheduler.pick(1) == nobody);
}

TEST_CASE("a vcpu is added once")
{
    Numbered scheduler {8};
    CHECK(scheduler.add(7) == Error::inval);
    scheduler.remove(7);
    CHECK(scheduler.add(7) == Error::none);
}

TEST_CASE("vcpus that are not known are ignored")
{
    Numbered scheduler {1};
    unsigned const id = GENERATE(1u, 7u, 9u);
    scheduler.wake(id);
    scheduler.block(id);
    scheduler.yield(id);
    scheduler.remove(id);
    CHECK_FALSE(scheduler.runnable(id));
    CHECK(scheduler.pick(0) == 0);
    CHECK(scheduler.slice_end() == never);
}

TEST_CASE("one that is alone runs without an end")
{
    Numbered scheduler {1};
    CHECK(scheduler.pick(0) == 0);
    CHECK(scheduler.slice_end() == never);
    CHECK(scheduler.pick(1000 * slice) == 0);
    scheduler.yield(0);
    CHECK(scheduler.pick(1001 * slice) == 0);
    CHECK(scheduler.slice_end() == never);
}

TEST_CASE("the runnable ones take turns, a slice each")
{
    Numbered scheduler {3};
    for (unsigned turn = 0; turn < 9; turn++) {
        CHECK(scheduler.pick(turn * slice) == turn % 3);
        CHECK(scheduler.slice_end() == (turn + 1) * slice);
        CHECK(scheduler.pick(turn * slice + slice - 1) == turn % 3);
    }
}

TEST_CASE("a slice begins when its vcpu is picked, however late that is")
{
    Numbered scheduler {2};
    CHECK(scheduler.pick(0) == 0);
    CHECK(scheduler.pick(5 * slice + 7) == 1);
    CHECK(scheduler.slice_end() == 6 * slice + 7);
}

TEST_CASE("a woken vcpu waits behind the others")
{
    Numbered scheduler {3};
    CHECK(scheduler.pick(0) == 0);
    scheduler.block(0);
    CHECK(scheduler.pick(10) == 1);
    scheduler.wake(0);
    scheduler.wake(0);
    CHECK(scheduler.pick(10 + slice) == 2);
    CHECK(scheduler.pick(10 + 2 * slice) == 0);
    CHECK(scheduler.pick(10 + 3 * slice) == 1);
}

TEST_CASE("a wake-up ends the turn of one that was alone for longer than a slice")
{
    Numbered scheduler {2};
    scheduler.block(1);
    CHECK(scheduler.pick(0) == 0);
    scheduler.wake(1);
    CHECK(scheduler.slice_end() == slice);
    CHECK(scheduler.pick(slice / 2) == 0);
    CHECK(scheduler.pick(slice) == 1);
}

TEST_CASE("yield gives the rest of the slice away")
{
    Numbered scheduler {2};
    CHECK(scheduler.pick(0) == 0);
    scheduler.yield(0);
    CHECK(scheduler.pick(5) == 1);
    CHECK(scheduler.slice_end() == 5 + slice);
}

TEST_CASE("a removed vcpu never runs again")
{
    Numbered scheduler {2};
    CHECK(scheduler.pick(0) == 0);
    scheduler.remove(0);
    scheduler.wake(0);
    CHECK(scheduler.pick(1) == 1);
    CHECK(scheduler.pick(10 * slice) == 1);
    CHECK(scheduler.slice_end() == never);
}

TEST_CASE("one that blocks and wakes all the time gets no more than the others")
{
    Numbered scheduler {4};
    Time_ns ran[4] = {};
    Time_ns now = 0;
    while (now < 10'000 * slice) {
        unsigned const id = scheduler.pick(now);
        Time_ns const until = id == 0 ? now + slice / 10 : scheduler.slice_end();
        ran[id] += until - now;
        now = until;
        if (id == 0) {
            scheduler.block(0);
            scheduler.wake(0);
        }
    }
    CHECK(ran[0] < ran[1]);
    CHECK(ran[1] - ran[2] <= slice);
    CHECK(ran[2] - ran[3] <= slice);
}

TEST_CASE("random events starve nobody who stays runnable")
{
    Numbered scheduler {8};
    Time_ns waiting_since[8] = {}, longest = 0;
    bool sound = true;
    u32 random = 1;
    for (Time_ns now = 0; now < 20'000 * slice; now += slice / 5) {
        random = random * 1664525 + 1013904223;
        unsigned const id = random >> 24 & 7;
        unsigned const picked = scheduler.pick(now);
        sound &= picked == nobody || scheduler.runnable(picked);
        for (unsigned other = 0; other < 8; other++) {
            if (!scheduler.runnable(other) || picked == other)
                waiting_since[other] = now;
            longest = std::max(longest, now - waiting_since[other]);
        }
        if (random >> 30 == 0)
            scheduler.block(id);
        else if (random >> 30 == 1)
            scheduler.yield(id == 0 && picked != nobody ? picked : 8);
        else
            scheduler.wake(id);
    }
    CHECK(sound);
    CHECK(longest <= 8 * slice);
}
