// SPDX-License-Identifier: Apache-2.0
// The virtual timer's interrupt, which is the hardware's: the guest's end of it deactivates the physical one.
#include <hyp/vgic/vgic_vcpu.hpp>

namespace vambrace {

void Vgic_vcpu::keep_hardware_timer()
{
    timer_raised = true;
    bank.line |= timer_bit;
    routed[0] &= ~timer_bit; // to list register 0 only
    allowed[0] &= ~timer_bit;
}

void Vgic_vcpu::forget_hardware_timer()
{
    timer_raised = false;
    bank.line &= ~timer_bit;
    routed[0] |= timer_bit;
    allowed[0] |= bank.forwarded & timer_bit;
}

void Vgic_vcpu::give_hardware_timer(List_registers &lrs)
{
    lrs.lr[0] = hardware_timer().pending();
    in_use |= 1;
    timer_latched = bank.latched & timer_bit;
    bank.latched &= ~timer_bit;
    bank.busy |= timer_bit;
    held[0] |= timer_bit;
}

bool Vgic_vcpu::withdraw_hardware_timer(List_registers &lrs)
{
    if (in_use & 1 && lrs.lr[0].is_pending()) {
        lrs.lr[0] = {};
        in_use &= ~1u;
        bank.latched |= timer_latched;
        bank.busy &= ~timer_bit;
        held[0] &= ~timer_bit;
        return true;
    }
    if (!timer_raised)
        return false;
    forget_hardware_timer();
    return true;
}

void Vgic_vcpu::fold_hardware_timer(List_register lr)
{
    if (lr.is_active()) {
        timer_active = true;
        active[0] |= timer_bit;
        return;
    }
    bank.busy &= ~timer_bit;
    held[0] &= ~timer_bit;
    if (lr.is_pending()) {
        bank.latched |= timer_latched;
        keep_hardware_timer();
    }
}

void Vgic_vcpu::fill_hardware_timer(List_registers &lrs)
{
    if (hardware_timer_waits()) {
        forget_hardware_timer();
        give_hardware_timer(lrs);
    }
    if (!timer_active)
        return;
    timer_active = false;
    if (bank.latched & bank.forwarded & timer_bit) {
        // Software has made it pending as well, and what has hardware cannot be both (IHI 0048B 5.3).
        deactivate_timer = true;
        return;
    }
    lrs.lr[0] = hardware_timer().active();
    in_use |= 1;
    active[0] &= ~timer_bit;
}

} // namespace vambrace
