// SPDX-License-Identifier: Apache-2.0
// Between the core's virtual timer and the hypervisor's clock.
#include <hyp/guest.hpp>
#include <hyp/machine.hpp>
#include <hyp/virtual_timer.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

constexpr unsigned line = machine::virtual_timer; // of the board's controller, too

constexpr Time_ns patience = 20'000'000;

} // namespace

void Virtual_timer::reset()
{
    control_ = {};
    compare_ = 0;
    active_ = false;
    this_cpu().timers.cancel(wake_up_);
    this_cpu().timers.cancel(second_look_);
}

void Virtual_timer::look_at_line() { board::irq_chip().enable(line); }

/// A guest that does not wait may not come here for long: after a while somebody looks.
void Virtual_timer::look_later()
{
    this_cpu().timers.set(second_look_, this_cpu().now() + patience);
    this_cpu().reschedule(); // for the timer
}

void Virtual_timer::look_again(Time_ns now)
{
    look_at_line();
    if (board::irq_chip().is_active(line)) // it has not ended the interrupt yet
        this_cpu().timers.set(second_look_, now + patience);
}

void Virtual_timer::enter()
{
    this_cpu().timers.cancel(wake_up_);
    if (active_) [[unlikely]] // no vcpu leaves it active
        board::irq_chip().set_active(line, true);
    Cntv_cval::write(compare_);
    Cntv_ctl::write(control_);
}

void Virtual_timer::leave()
{
    control_ = Cntv_ctl::writable(Cntv_ctl::read());
    compare_ = Cntv_cval::read();
    Cntv_ctl::write({});
    this_cpu().timers.cancel(second_look_); // enter() looks
    active_ = board::irq_chip().is_active(line);
    if (active_) [[unlikely]]
        board::irq_chip().set_active(line, false);
    if (!Cntv_ctl::listens(control_) || active_)
        return;
    u64 const now = physical_count();
    this_cpu().timers.set(
        wake_up_, this_cpu().now() +
                      hyp_guest(vcpu_.domain).processor.rate().duration(compare_ > now ? compare_ - now : 0));
    this_cpu().reschedule(); // for the timer
}

/// It may be early: then the guest, which runs from now on, finds that its timer has not fired yet.
void Virtual_timer::expire(Time_ns) { this_cpu().wake(vcpu_); }

} // namespace vambrace
