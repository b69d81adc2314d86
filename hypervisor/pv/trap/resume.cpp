// SPDX-License-Identifier: Apache-2.0
// The way out of every trap: who goes on, and what it finds.
#include <kernel/cpu.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

/// An asynchronous abort that came while the hypervisor ran for the guest, or before another guest ran.
void deliver_asynchronous_abort(Running g)
{
    Pv_vcpu &v = g->vcpu;
    if (u32 const abort = arch::take_asynchronous_abort())
        v.asynchronous_abort = abort;
    if (u32 const abort = v.asynchronous_abort) {
        v.asynchronous_abort = 0;
        deliver_abort(g, Abort::data, Va {0}, arch::fsr::forwarded(abort) | arch::fsr::access_bits(abort));
    }
}

/// It may end the guest.
void prepare(Running g)
{
    Pv_vcpu &v = g->vcpu;
    g->look_again = false;
    deliver_asynchronous_abort(g);
    bool const pending = show_interrupts(g);
    if (v.in_user())
        g->shadow.remove_kernel_only();
    v.context.pending.settle(pending || !v.has_vectors || g->shadow.has_kernel_only());
}

} // namespace

arch::Context *resume_next()
{
    Cpu &cpu = this_cpu();
    for (;;) {
        Running const g = running(static_cast<Pv_guest &>(cpu.schedule().domain));
        prepare(g);
        if (!cpu.must_reschedule())
            return &g->vcpu.context;
    }
}

arch::Context *resume(Running g) { return goes_on_as_it_is(g) ? &g->vcpu.context : resume_next(); }

} // namespace vambrace
