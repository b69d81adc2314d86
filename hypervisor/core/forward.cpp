// SPDX-License-Identifier: Apache-2.0
// The way of a page fault into the guest's kernel: every page that a process touches first takes it.
#include <core/shadow_inline.hpp>
#include <core/trap.hpp>

namespace vambrace {

namespace {

/// From the first page's end on, below the window: rounded down to what an instruction compares with.
constexpr u32 nothing_reserved = align_down(layout::window_base - page_size, 16 * mib);

/// RETURN fills what the guest maps now. A page that forbade the access is there already: unless the guest flushes it.
void expect_refill(Vcpu &v, Va va, u32 status)
{
    v.refill = va;
    v.has_refill = true;
    if (!arch::fsr::is_permission(status))
        v.context.attention |= v.context.attention_refill;
}

} // namespace

bool forward_quickly(Domain &d, bool prefetch, Va va, u32 status)
{
    Vcpu &v = d.vcpu;
    Trap_regs &regs = v.context.regs;
    u32 const frame = v.context.user_frame;
    if (!frame || va.value - page_size >= nothing_reserved)
        return false;
    u32 told = d.shadow.certain_fault(va, status);
    if (!told)
        return false;
    told = prefetch ? arch::fsr::instruction(told) : told | arch::fsr::access_bits(status);
    v.context.orig_r0 = regs.r[0];
    regs.psr = (regs.psr & arch::psr_kept) | VAMBRACE_PSR_USER;
    if (!arch::store_frame(Va {frame}, regs.r))
        return false;
    d.counters.count(Counter::forwarded_fault);
    shared_of(d).irq_mask = VAMBRACE_IRQ_MASKED;
    expect_refill(v, va, status);
    regs.r[0] = va.value;
    regs.r[1] = told;
    regs.r[2] = frame;
    regs.sp = frame;
    regs.psr = psr::user;
    regs.pc = prefetch ? v.vectors.prefetch_abort_user : v.vectors.data_abort_user;
    v.cp15.record_fault(prefetch, va, told);
    v.context.user_frame = 0;
    return true;
}

} // namespace vambrace
