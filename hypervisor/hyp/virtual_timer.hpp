// SPDX-License-Identifier: Apache-2.0
// The generic timer as a guest has it (DDI 0406C chapter B8): the virtual one is the core's own.
#pragma once
#include <arch.hpp>
#include <kernel/timer_queue.hpp>

namespace vambrace {

class Vcpu;

/// The virtual timer of a vcpu: in the core while it has the processor; else this remembers it, and wakes the
/// vcpu when it would have fired.
class Virtual_timer {
  public:
    explicit Virtual_timer(Vcpu &vcpu) : vcpu_ {vcpu} {}

    /// As after a reset of the guest. \pre the vcpu does not have the processor
    void reset();
    /// The vcpu has the processor from now on, or no longer.
    void enter();
    void leave();
    /// Software has made its interrupt inactive. \pre the vcpu does not have the processor
    void deactivated() { active_ = false; }
    /// It has interrupted the vcpu that has the processor.
    void interrupted()
    {
        if (second_look_.when() == never)
            look_later();
    }
    /// Makes the interrupt controller look at the line again: QEMU's does not when a guest's end of interrupt
    /// deactivates it, and one that has become high meanwhile would interrupt nobody.
    static void look_at_line();

  private:
    [[gnu::noinline]] void look_later(); // out of line: an interrupt is quicker without
    void expire(Time_ns now);
    void look_again(Time_ns now);

    Vcpu &vcpu_;
    arm::Timer_control_fields::Value control_ {}; ///< CNTV_CTL
    u64 compare_ {};                              ///< CNTV_CVAL
    bool active_ {}; ///< the physical line: the guest has taken it and not ended it
    Timeout_of<Virtual_timer, &Virtual_timer::expire> wake_up_ {*this};
    Timeout_of<Virtual_timer, &Virtual_timer::look_again> second_look_ {*this};
};

} // namespace vambrace
