// SPDX-License-Identifier: Apache-2.0
// How a core's assembly calls up into the hypervisor. docs/porting.md lists what core asks of <arch.hpp>.
#pragma once
#include <base/types.hpp>

namespace vambrace {

struct Context;

/// Why the hypervisor was entered. The told ones are aborts of guest user of which on_user_data_abort() or
/// on_user_prefetch_abort() has said what the guest is told: its frame could not be stored at once.
enum class Trap : u32 {
    undefined,
    svc,
    prefetch_abort,
    data_abort,
    irq,
    none,
    told_prefetch_abort,
    told_data_abort
};

/// What was seen when the hypervisor itself made a mistake.
struct Fatal_trap {
    u32 r0, pc, psr;
};

} // namespace vambrace

/// Upcalls from pv/entry and start.S, defined in main.cpp.
extern "C" {
/// A guest stopped. Returns whom to resume. \param status what the guest is told, of the told ones
vambrace::Context *on_trap(vambrace::Trap trap, vambrace::u32 status, vambrace::Context *guest);
/// A fault of guest user. Returns what its kernel is told: the frame is stored and the guest entered, at
/// once, or if a store faults on_trap() follows with a told abort (the core's fault registers hold that
/// store's fault then). Or 0: on_trap() follows.
vambrace::u32 on_user_data_abort(vambrace::Context *guest);
vambrace::u32 on_user_prefetch_abort(vambrace::Context *guest);
/// The hypercall SWITCH_TABLE. Returns r0.
vambrace::u32 on_switch_table(vambrace::Context *guest, vambrace::u32 base);
/// A hypercall from FORGET_TABLE to TIME_GET, with r1 to r3; call->r is what they become. Returns r0 and, in
/// the upper word, whether it raised an interrupt for the guest: then on_trap() follows, with Trap::none.
struct Call {
    vambrace::u32 r[3];
    vambrace::Context *guest;
};
using Simple_call = vambrace::u64(Call *call, vambrace::u32 r1, vambrace::u32 r2, vambrace::u32 r3);
Simple_call on_forget_table, on_tlb_flush, on_cache_op, on_set_tls, on_timer_set, on_time_get;
/// RETURN with attention_refill alone: fills what the guest
/// has mapped after its last fault. Returns the same guest.
vambrace::Context *on_refill(vambrace::Context *guest);
[[noreturn]] void on_fatal(vambrace::Trap trap, vambrace::Fatal_trap const *state);
/// \param device_tree physical address of the host's device tree; \param ram where our own megabyte is
vambrace::Context *on_boot(vambrace::u32 device_tree, vambrace::u32 ram);
}
