// SPDX-License-Identifier: Apache-2.0
// The virtual timer's interrupt, which is the hardware's: the guest's end of it deactivates the physical one.
#include <hyp/vgic/vgic.hpp>

namespace vambrace {

/// The guest cannot be shown the timer's interrupt yet: it is disabled, or software has made it active.
void Vgic::keep_hardware_timer(unsigned vcpu)
{
    Vcpu &v = vcpus_[vcpu];
    v.timer_raised = true;
    v.bank.line |= timer_bit;
    v.routed[0] &= ~timer_bit; // to list register 0 only
    if (v.bank.forwarded & timer_bit)
        dirty_ |= 1u << vcpu;
}

/// The line is not high any more, or is so in list register 0.
void Vgic::forget_hardware_timer(Vcpu &v)
{
    v.timer_raised = false;
    v.bank.line &= ~timer_bit;
    v.routed[0] |= timer_bit;
}

/// It could be shown.
bool Vgic::hardware_timer_waits(Vcpu const &v) const
{
    return v.timer_raised && v.bank.waiting() & timer_bit;
}

bool Vgic::lower_hardware_timer(unsigned vcpu, List_registers &lrs)
{
    Vcpu &v = vcpus_[vcpu];
    if (v.in_use & 1 && lrs.lr[0].is_pending()) {
        lrs.lr[0] = {};
        v.in_use &= ~1u;
        v.bank.listed &= ~timer_bit;
        v.listed[0] &= ~timer_bit;
        v.bank.latched |= v.timer_latched;
        changed_for(vcpu, 0, timer_bit);
        return true;
    }
    if (!v.timer_raised)
        return false;
    forget_hardware_timer(v);
    changed_for(vcpu, 0, timer_bit);
    return true;
}

void Vgic::fold_hardware_timer(Vcpu &v, List_register lr)
{
    v.bank.listed &= ~timer_bit;
    v.listed[0] &= ~timer_bit;
    v.timer_active = lr.is_active();
    u32 const active = lr.is_active() ? timer_bit : 0;
    v.bank.active = (v.bank.active & ~timer_bit) | active;
    v.active[0] = (v.active[0] & ~timer_bit) | active;
    if (lr.is_pending()) {
        v.bank.latched |= v.timer_latched;
        v.timer_raised = true;
        v.bank.line |= timer_bit;
        v.routed[0] &= ~timer_bit;
    }
}

void Vgic::fill_hardware_timer(Vcpu &v, List_registers &lrs)
{
    if (hardware_timer_waits(v)) {
        forget_hardware_timer(v);
        show_hardware_timer(v, lrs);
    } else if (v.timer_active && v.bank.latched & v.bank.forwarded & timer_bit) {
        // Software has made it pending as well, and one with hardware cannot be both (IHI 0048B 5.3).
        v.timer_active = false;
        v.deactivate_timer = true;
    } else if (v.timer_active) {
        lrs.lr[0] = hardware_timer(v).active();
        v.in_use |= 1;
        v.bank.listed |= timer_bit;
        v.listed[0] |= timer_bit;
    }
}

} // namespace vambrace
