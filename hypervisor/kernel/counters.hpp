// SPDX-License-Identifier: Apache-2.0
// Why the hypervisor ran, counted by kind; COUNTERS_READ and the console show them.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// In the order that COUNTERS_READ stores: new ones go to the end.
enum class Counter : u8 {
    syscall,
    hypercall,
    undefined,
    cp15,
    prefetch_abort,
    data_abort,
    hidden_fill,
    filled_entry,
    forwarded_fault,
    double_fault,
    mmio,
    irq,
    virtual_irq,
    table_switch,
    tlb_flush,
    resynced_entry,
    cache_op,
    shadow_l1_evicted,
    shadow_l2_evicted,
    guest_switch,
    idle,
    vfp_switch,
    restart,
    input_lost,
};
constexpr unsigned counter_count = static_cast<unsigned>(Counter::input_lost) + 1;

/// One guest's, or the sum of all; each wraps round at 2^32.
struct Counters {
    u32 value[counter_count] = {};

    void count(Counter counter, u32 by = 1) { value[static_cast<unsigned>(counter)] += by; }
    u32 operator[](Counter counter) const { return value[static_cast<unsigned>(counter)]; }
};

/// What the console calls it.
constexpr char const *name(Counter counter)
{
    constexpr char const *names[] = {
        "system calls",
        "hypercalls",
        "undefined instructions",
        "CP15 accesses",
        "prefetch aborts",
        "data aborts",
        "hidden fills",
        "entries filled",
        "faults forwarded",
        "double faults",
        "device accesses",
        "interrupts",
        "virtual interrupts",
        "table switches",
        "TLB flushes",
        "entries resynced",
        "cache operations",
        "shadow L1 evicted",
        "shadow L2 evicted",
        "switches between guests",
        "idle",
        "VFP registers switched",
        "restarts",
        "console characters lost",
    };
    static_assert(sizeof(names) / sizeof(names[0]) == counter_count);
    return names[static_cast<unsigned>(counter)];
}

} // namespace vambrace
