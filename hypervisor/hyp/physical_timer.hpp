// SPDX-License-Identifier: Apache-2.0
// The generic timer's physical timer of a guest's processor, whose registers trap (DDI 0406C chapter B8).
#pragma once
#include <arch.hpp>
#include <kernel/timer_queue.hpp>

namespace vambrace {

class Hyp_vcpu;

class Physical_timer {
  public:
    explicit Physical_timer(Hyp_vcpu &vcpu) : vcpu_ {vcpu} {}

    /// As after a reset of the guest.
    void reset();

    /// CNTP_CTL, CNTP_CVAL and CNTP_TVAL.
    u32 control() const;
    void control(u32 value);
    u64 compare() const { return compare_; }
    void compare(u64 value);
    u32 value() const;
    void value(u32 ticks);

  private:
    bool is_due() const;
    void settle();
    void expire(Time_ns now);

    Hyp_vcpu &vcpu_;
    arm::Timer_control_fields::Value control_ {};
    u64 compare_ {};
    Timeout_of<Physical_timer, &Physical_timer::expire> timeout_ {*this};
};

} // namespace vambrace
