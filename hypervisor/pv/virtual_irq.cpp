// SPDX-License-Identifier: Apache-2.0
// Raising, showing and delivering a paravirtual guest's interrupts.
#include <kernel/cpu.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

Error Virtual_irqs::enable(u32 irq, u32 on)
{
    if (irq >= VAMBRACE_IRQ_COUNT || on > 1)
        return Error::inval;
    u32 const mask = 1u << irq;
    enabled_ = on ? enabled_ | mask : enabled_ & ~mask;
    return Error::none;
}

void raise(Pv_guest &d, unsigned irq)
{
    d.vcpu.irqs.raise(irq);
    d.vcpu.context.look_before_return();
    if (d.vcpu.irqs.enabled(irq))
        this_cpu().wake(d.vcpu);
}

void lower(Pv_guest &d, unsigned irq)
{
    d.vcpu.irqs.lower(irq);
    if (this_cpu().current() != &d.vcpu || !(arch::shared().irq_pending >> irq & 1))
        return;
    Running const g = running(d);
    u32 const others = arch::shared().irq_pending & ~(1u << irq);
    g->page.to_write().irq_pending = others;
    if (others)
        g->look_again = true; // they wait still, and the page is not guarded now
}

void wait_for_interrupt(Running g)
{
    g->counters.count(Counter::idle);
    if (!g->vcpu.irqs.waiting() && arch::shared().irq_pending == 0)
        this_cpu().block(g->vcpu);
}

bool show_interrupts(Running g)
{
    Pv_vcpu &v = g->vcpu;
    if (v.irqs.waiting()) {
        vambrace_shared &shared = g->page.to_write();
        shared.irq_pending = shared.irq_pending | v.irqs.take();
    }
    bool const pending = arch::shared().irq_pending != 0;
    bool const masked = !v.in_user() && (arch::shared().irq_mask & VAMBRACE_IRQ_MASKED);
    if (pending && masked) {
        g->page.guard();
    } else if (pending && v.has_vectors) { // not guarded: the guest takes irq_pending first of all
        g->counters.count(Counter::virtual_irq);
        deliver(g, {v.vectors.irq_user, v.vectors.irq_kernel}, nullptr);
    }
    g->page.store_passed();
    return pending;
}

} // namespace vambrace
