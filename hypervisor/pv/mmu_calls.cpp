// SPDX-License-Identifier: Apache-2.0
// The calls that tell what the guest has done to its page tables.
#include <kernel/cpu.hpp>
#include <pv/calls.hpp>
#include <pv/shadow/shadow.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace::call {

namespace {

/// A table that was not in use a short while ago, or is none, or the MMU is off.
[[gnu::cold, gnu::noinline]] Error switch_slowly(arch::Context &context, u32 ttbr)
{
    Running const g = running(context);
    bool const mmu_on = g->vcpu.cp15.mmu_on();
    if (!is_aligned(ttbr, 16 * kib) || !g->memory.owns(Ipa {ttbr}, 16 * kib))
        return Error::inval;
    g->vcpu.cp15.set_table(ttbr);
    if (mmu_on) {
        g->shadow.activate(ttbr);
        arch::use_table(g->shadow.hardware_table());
    }
    return Error::none;
}

/// \param call base, address and size, and what they become
[[gnu::noinline]] Error flush_range(Running g, Results call)
{
    u32 const base = call.r[0], va = call.r[1];
    u32 size = call.r[2];
    if (g->vcpu.context.pending.refill) // what refused an access may be gone now
        g->vcpu.context.pending.expect_successor();
    if (base == VAMBRACE_ALL_TABLES) {
        g->shadow.drop(size == VAMBRACE_ALL_ADDRESSES ? Va {0} : Va {va}, size);
        return Error::none;
    }
    if (!is_aligned(base, 16 * kib))
        return Error::inval;
    u32 const start = size == VAMBRACE_ALL_ADDRESSES ? 0 : va;
    if (start != 0 && size > 0 - start) // it ends at the top of the address space
        size = 0 - start;
    u32 const left = g->shadow.resync(base, Va {start}, size);
    if (left == 0)
        return Error::none;
    call.r[1] = start + (size - left);
    call.r[2] = left;
    return Error::again;
}

} // namespace

Answer set_linear_map(Running g, u32 va, u32 ipa, u32 size)
{
    if (!is_aligned(va | ipa | size, section_size) || size == 0 || arch::is_reserved(va, size) ||
        !g->memory.owns(Ipa {ipa}, size))
        return Error::inval;
    g->shadow.set_linear_map({va, ipa, size});
    return Error::none;
}

Error switch_table(Running g, u32 ttbr)
{
    // Aligned? In two instructions: is_aligned() takes four. switch_slowly() says what is wrong.
    if (ttbr << 18 || !g->vcpu.cp15.mmu_on() || !g->shadow.activate_recent(ttbr)) [[unlikely]]
        return switch_slowly(g->vcpu.context, ttbr); // what the caller has in a register
    g->vcpu.cp15.set_table(ttbr);
    arch::use_table(g->shadow.hardware_table());
    return Error::none;
}

Error forget_table(Running g, u32 ttbr)
{
    g->shadow.forget(align_down(ttbr, 16 * kib));
    return Error::none;
}

Error tlb_flush(Running g, Results results, u32 base, u32 va, u32 size)
{
    if (size != page_size || !is_aligned(va, page_size) || !is_aligned(base, 16 * kib))
        return flush_range(g, results);
    if (g->vcpu.context.pending.is_expected_in(Va {va})) { // it was refused, and RETURN looks there
        g->vcpu.context.pending.expect_successor();
        g->shadow.drop_page(base, Va {va});
    } else {
        g->shadow.resync_page(base, Va {va});
    }
    return Error::none;
}

Error set_tls(Running g, u32 tls)
{
    return arch::set_thread_pointer([&](Va va) { return g->shadow.frame_behind(va); }, tls);
}

} // namespace vambrace::call
