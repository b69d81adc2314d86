// SPDX-License-Identifier: Apache-2.0
// The generic timer's driver against a port that records what is written to CP15.
#include <catch2/catch.hpp>
#include <drivers/generic_timer/generic_timer.hpp>
#include <support/recorder.hpp>

using namespace vambrace;

namespace {

enum class Step : u8 { hyp_value, hyp_control, virtual_value, virtual_control, barrier };
using Steps = Record<Step>;

struct Port {
    Steps *steps;

    void write(Core_mode mode, Timer_register which, u32 value) const
    {
        bool const hyp = mode == Core_mode::hyp, control = which == Timer_register::control;
        steps->push_back({hyp       ? control ? Step::hyp_control : Step::hyp_value
                          : control ? Step::virtual_control
                                    : Step::virtual_value,
                          value});
    }
    void barrier() const { steps->push_back({Step::barrier, 0}); }
    u32 count() const { return 0x12345678; }
};

using Timer = Generic_timer<Port>;

constexpr u32 hz = 62'500'000;

/// What TVAL gets. \pre the timer has one register written for it
u32 ticks_of(u32 hz, u32 us)
{
    Steps steps;
    Timer {Core_mode::pl1, hz, {&steps}}.set(us);
    return steps.at(0).operand;
}

} // namespace

TEST_CASE("generic timer: in HYP mode it is HYP mode's own, otherwise the virtual one")
{
    Steps steps;
    Timer {Core_mode::hyp, hz, {&steps}}.set(1000);
    CHECK(steps == Steps {{Step::hyp_value, 62'500}, {Step::hyp_control, 1}});
    steps.clear();
    Timer {Core_mode::pl1, hz, {&steps}}.set(1000);
    CHECK(steps == Steps {{Step::virtual_value, 62'500}, {Step::virtual_control, 1}});
    CHECK(Timer::irq(Core_mode::hyp) == 26);
    CHECK(Timer::irq(Core_mode::pl1) == 27);
}

TEST_CASE("generic timer: its line is down when the start and an acknowledgement return")
{
    auto const mode = GENERATE(Core_mode::pl1, Core_mode::hyp);
    Step const control = mode == Core_mode::hyp ? Step::hyp_control : Step::virtual_control;
    Steps steps;
    Timer const timer {mode, hz, {&steps}};
    timer.start();
    timer.ack();
    CHECK(steps == Steps {{control, 0}, {Step::barrier, 0}, {control, 0}, {Step::barrier, 0}});
}

TEST_CASE("generic timer: a one-shot has the ticks of its time at any speed, rather more than less")
{
    auto const [speed, us] = GENERATE(table<u32, u32>(
        {{62'500'000, 1000}, {24'000'000, 12'345}, {19'200'000, 7}, {1'000'000, 1}, {4'000'000'000u, 100}}));
    double const exact = 1e-6 * speed * us;
    CHECK(ticks_of(speed, us) >= static_cast<u32>(exact));
    CHECK(ticks_of(speed, us) <= exact * 1.0001 + 1);
}

TEST_CASE(
    "generic timer: what is too long for a signed word is as long as possible, nothing is a microsecond")
{
    CHECK(ticks_of(hz, 0xffffffff) == 0x7fffffff);
    CHECK(ticks_of(hz, 34'359'738) == 0x7fffffff);
    CHECK(ticks_of(hz, 34'000'000) < 0x7fffffff);
    CHECK(ticks_of(hz, 0) == 62);
}

TEST_CASE("generic timer: the counter's lower half counts")
{
    CHECK(Timer {Core_mode::pl1, hz, {nullptr}}.ticks() == 0x12345678);
}
