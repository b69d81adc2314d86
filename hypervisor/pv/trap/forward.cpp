// SPDX-License-Identifier: Apache-2.0
// The way of a page fault into the guest's kernel: every page that a process touches first takes it.
#include <pv/shadow/shadow.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

/// From the first page's end on, below the window: rounded down to what an instruction compares with.
constexpr u32 nothing_reserved = align_down(layout::window_base - page_size, 16 * mib);

[[gnu::always_inline]] inline u32 certain_status(Running g, Abort abort, Va va, u32 hardware_status)
{
    if (va.value - page_size >= nothing_reserved)
        return 0;
    Result<u32> const fault = g->shadow.certain_fault(va, hardware_status);
    if (!fault)
        return 0;
    Pv_vcpu &v = g->vcpu;
    u32 const status = abort == Abort::prefetch ? arch::fsr::instruction(*fault)
                                                : *fault | arch::fsr::access_bits(hardware_status);
    v.cp15.record_fault(abort, va, status);
    v.context.pending.expect_mapping(va, arch::fsr::is_permission(hardware_status));
    return status;
}

} // namespace

u32 certain_data_abort(Running g)
{
    return certain_status(g, Abort::data, arch::fault_address(), arch::data_fault_status());
}

u32 certain_prefetch_abort(Running g)
{
    return certain_status(g, Abort::prefetch, arch::instruction_fault_address(g->vcpu.context.regs.pc),
                          arch::prefetch_fault_status());
}

void deliver_certain_data_abort(Running g, u32 status)
{
    g->counters.count(Counter::data_abort);
    deliver_recorded_abort(g, Abort::data, status);
}

void deliver_certain_prefetch_abort(Running g, u32 status)
{
    g->counters.count(Counter::prefetch_abort);
    deliver_recorded_abort(g, Abort::prefetch, status);
}

} // namespace vambrace
