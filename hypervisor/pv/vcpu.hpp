// SPDX-License-Identifier: Apache-2.0
// A paravirtual guest's processor: its registers, its virtual CP15, and its interrupts.
#pragma once
#include <arch.hpp>
#include <kernel/timer_queue.hpp>
#include <kernel/vcpu.hpp>
#include <pv/virtual_irq.hpp>

namespace vambrace {

class Pv_processor;

/// What a start of the guest makes anew.
struct Pv_state {
    arch::Context context {}; ///< SVC mode's stack pointer points into it while the guest runs
    arch::Cp15_state cp15 {};
    arch::Thread_registers thread {}; ///< while another guest runs
    arch::Vfp_state vfp {};           ///< while another guest has VFP
    vambrace_vectors vectors {};
    bool has_vectors {};
    Virtual_irqs irqs {};
    /// The status of one that the guest has to answer for and was not told of yet; 0: none
    u32 asynchronous_abort {};
    u32 retried_pc {}; ///< an access that was tried again though the shadow had it
    Va retried {};

    bool in_user() const { return context.in_user(); }
    Guest_mode mode() const { return in_user() ? Guest_mode::user : Guest_mode::kernel; }
};

class Pv_vcpu : public Vcpu, public Pv_state {
  public:
    explicit Pv_vcpu(Domain &domain) : Vcpu {domain} {}

    Pv_processor *processor {}; ///< that it runs on

  private:
    void raise_timer(Time_ns);

  public:
    Timeout_of<Pv_vcpu, &Pv_vcpu::raise_timer> timer {*this}; ///< TIMER_SET's
};

} // namespace vambrace
