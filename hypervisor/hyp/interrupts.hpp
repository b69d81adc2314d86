// SPDX-License-Identifier: Apache-2.0
// Between a guest's virtual GIC and the list registers of the core that its vcpu runs on. All of it is about
// the vcpu that runs.
#pragma once
#include <hyp/guest.hpp>

namespace vambrace {

/// List registers show what the virtual GIC has. \pre needs_fill()
void fill_list_registers(Hyp_vcpu &v);
/// Likewise, at a maintenance interrupt: the guest has ended one whose line is to be looked at again, or has
/// room for more.
void refill_list_registers(Hyp_vcpu &v);
/// The virtual GIC knows all that the guest has done to list registers, which are empty then.
void fold_list_registers(Hyp_vcpu &v);
void raise_first_virtual_timer(Hyp_vcpu &v);
/// The core's virtual timer has interrupted.
inline void raise_virtual_timer(Hyp_vcpu &v)
{
    Vgic &gic = guest_of(v).gic;
    if (gic.renews_hardware_timer(v.number)) [[likely]]
        virtual_interface::hardware().list_register(0, gic.renewed_hardware_timer(v.number).word());
    else
        raise_first_virtual_timer(v);
    v.timer.interrupted();
}

/// Whether an interrupt waits for the vcpu, whatever its CPSR says.
bool is_interrupted(Hyp_vcpu &v);
/// The vcpu gives the processor away until an interrupt is there for it.
void wait_until_interrupted(Hyp_vcpu &v);
/// Those of the guest's vcpus that an interrupt is there for run again. Any guest.
void wake_interrupted(Hyp_guest &d);

} // namespace vambrace
