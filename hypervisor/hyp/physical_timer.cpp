// SPDX-License-Identifier: Apache-2.0
// A timeout of the hypervisor's stands for the condition of CNTP.
#include <hyp/counter.hpp>
#include <hyp/guest.hpp>
#include <hyp/machine.hpp>
#include <hyp/trap/trap.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

namespace {

using Control = arm::Timer_control_fields; // CNTP_CTL

} // namespace

void Physical_timer::reset()
{
    control_ = {};
    compare_ = 0;
    this_cpu().timers.cancel(timeout_);
}

bool Physical_timer::is_due() const { return control_.get(Control::enable) && physical_count() >= compare_; }

u32 Physical_timer::control() const { return control_.with(Control::istatus, is_due()).word(); }

void Physical_timer::control(u32 value)
{
    control_ = Control::writable(Control::Value {value});
    settle();
}

void Physical_timer::compare(u64 value)
{
    compare_ = value;
    settle();
}

u32 Physical_timer::value() const { return static_cast<u32>(compare_ - physical_count()); }

void Physical_timer::value(u32 ticks)
{
    compare(physical_count() + static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(ticks))));
}

/// The line follows the condition, and the condition that is still to come is waited for.
void Physical_timer::settle()
{
    Hyp_guest &d = guest_of(vcpu_);
    Cpu &cpu = this_cpu();
    bool const listens = Control::listens(control_);
    u64 const now = physical_count();
    bool const high = listens && now >= compare_;
    cpu.timers.set(timeout_,
                   listens && !high ? cpu.now() + d.processor.rate().duration(compare_ - now) : never);
    cpu.reschedule(); // for the timer
    d.gic.set_private_line(vcpu_.number, machine::physical_timer, high);
    wake_interrupted(d);
}

void Physical_timer::expire(Time_ns) { settle(); }

} // namespace vambrace
