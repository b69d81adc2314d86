// SPDX-License-Identifier: Apache-2.0
// What guests in HYP mode's care share of a processor: the traps that are set, and the VFP's registers.
#pragma once
#include <hyp/counter.hpp>
#include <kernel/host_irq.hpp>

namespace vambrace {

class Hyp_vcpu;

class Hyp_processor {
  public:
    /// \param ram physical address of our own megabyte
    explicit Hyp_processor(u32 ram) : ram_ {ram} {}

    u32 ram() const { return ram_; }
    /// What guests see of the core.
    Cp15_identity const &identity() const { return identity_; }
    /// Of the generic timer's counter.
    Counter_rate rate() const { return rate_; }
    bool has_thumbee() const { return has_thumbee_; }
    /// What there is of a VFP.
    Vfp_identity const &vfp() const { return vfp_; }
    /// Sets what traps, for every guest alike. Once.
    void start();

    /// Another vcpu runs from now on: the VFP traps unless its registers are this one's.
    void run(Hyp_vcpu const &v);
    /// The running vcpu has trapped on its first use of the VFP: it has the registers from now on.
    /// \pre vfp().present
    void take_vfp(Hyp_vcpu &v);
    /// The guest is over, or starts again: nothing of it stays.
    void forget_vfp(Hyp_vcpu &v);

  private:
    static void handle_virtual_timer();
    static void handle_maintenance();

    u32 const ram_;
    Cp15_identity identity_ {};
    Vfp_identity vfp_ {};
    Counter_rate rate_ {};
    bool has_thumbee_ {};
    Hyp_vcpu *vfp_owner_ {};
    Host_irq timer_irq_ {27, handle_virtual_timer, Ended_by::guest};
    Host_irq maintenance_irq_ {25, handle_maintenance};
};

} // namespace vambrace
