// SPDX-License-Identifier: Apache-2.0
// The same for a core in HYP mode: boot order, and on_hyp_trap(), on_hyp_irq(): handle, schedule, resume.
#include <base/log.hpp>
#include <boot/boot.hpp>
#include <boot/hyp_way.hpp>
#include <hyp/trap/quick_access.hpp>
#include <kernel/cpu.hpp>

using namespace vambrace;

namespace {

Hyp_vcpu &vcpu_of(Hyp_context &c)
{
    ASSERT(&static_cast<Hyp_vcpu *>(this_cpu().current())->context == &c);
    (void)c;
    return static_cast<Hyp_vcpu &>(*this_cpu().current());
}

} // namespace

extern "C" Hyp_context *on_hyp_trap(Hyp_context *c, u32 hsr)
{
    Hyp_vcpu &v = vcpu_of(*c);
    if (!access_quickly(v, Hsr {hsr}))
        handle_trap(v, Hsr {hsr});
    return goes_on(v) ? &v.context : resume_hyp();
}

/// The guest's virtual timer is what interrupts most: nothing else comes of it.
extern "C" Hyp_context *on_hyp_irq(Hyp_context *c)
{
    Hyp_vcpu &v = vcpu_of(*c);
    v.domain.counters.count(Counter::irq);
    auto const chip = board::irq_chip();
    auto const taken = chip.take();
    if (taken && taken.line() == machine::virtual_timer) {
        raise_virtual_timer(v);
        chip.drop(taken);
    } else if (taken) {
        this_cpu().handle_interrupt(taken);
    }
    return goes_on(v) ? &v.context : resume_hyp();
}

extern "C" Hyp_context *on_hyp_boot(u32 device_tree, u32 ram, Entry_mode mode)
{
    Hyp_way way {ram, mode};
    boot(device_tree, ram, way);
    return resume_hyp();
}

extern "C" void on_hyp_fatal(Hyp_trap trap, Fatal_trap const *state)
{
    constexpr char const *names[] = {"undefined instruction", "prefetch abort", "data abort",
                                     "unexpected trap"}; // of Hyp_trap
    log("\nvambrace: FATAL: %s in the hypervisor at pc %08x\n", names[static_cast<u32>(trap)], state->pc);
    log("vambrace:   r0 %08x psr %08x hdfar %08x hsr %08x\n", state->r0, state->psr, armv7ve::Hdfar::read(),
        armv7ve::Hsr_register::read());
    if (Vcpu const *const v = this_cpu().current()) {
        log("vambrace:   guest %u (%s) had the processor\n", v->domain.id + 1, v->domain.label());
        v->domain.kind.dump(v->domain);
    }
    halt();
}
