// SPDX-License-Identifier: Apache-2.0
// The way of a page fault into the guest's kernel: every page that a process touches first takes it.
#include <core/shadow_inline.hpp>
#include <core/trap.hpp>

namespace vambrace {

namespace {

/// From the first page's end on, below the window: rounded down to what an instruction compares with.
constexpr u32 nothing_reserved = align_down(layout::window_base - page_size, 16 * mib);

} // namespace

u32 told_quickly(Domain &d, bool prefetch)
{
    Vcpu &v = d.vcpu;
    u32 const status = prefetch ? arch::prefetch_fault_status() : arch::data_fault_status();
    Va const va = prefetch ? arch::instruction_fault_address(v.context.regs.pc) : arch::fault_address();
    if (va.value - page_size >= nothing_reserved)
        return 0;
    u32 told = d.shadow.certain_fault(va, status);
    if (!told)
        return 0;
    told = prefetch ? arch::fsr::instruction(told) : told | arch::fsr::access_bits(status);
    v.cp15.record_fault(prefetch, va, told);
    v.context.refill = va.value; // RETURN fills what the guest maps now
    v.has_refill = true;
    if (!arch::fsr::is_permission(status)) // a page that forbade the access is there already: unless it is flushed
        v.context.attention |= v.context.attention_refill;
    return told;
}

} // namespace vambrace
