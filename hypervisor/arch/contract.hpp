// SPDX-License-Identifier: Apache-2.0
// How a core's assembly calls up into the hypervisor. docs/porting.md lists what core asks of <arch.hpp>.
#pragma once
#include <base/types.hpp>

namespace vambrace {

struct Context;

/// Why the hypervisor was entered. The certain ones are aborts of guest user of which on_user_data_abort() or
/// on_user_prefetch_abort() has said what the guest is told: its frame could not be stored at once.
enum class Trap : u32 {
    undefined,
    svc,
    prefetch_abort,
    data_abort,
    irq,
    none,
    certain_prefetch_abort,
    certain_data_abort
};

/// How the assembly goes on after a call that it has made with a few registers in C++.
enum class After_call : u32 {
    back,          ///< to where the call was made
    see_interrupt, ///< on_trap() follows, with Trap::none: it raised one for the guest
    as_any_trap,   ///< on_trap() follows, with Trap::svc: nothing is done yet
};

/// Why the core is used as it is.
enum class Entry_mode : u32 {
    only_one,          ///< it has no HYP mode, or none was looked for
    no_extensions,     ///< it says that it has none
    non_secure_svc,    ///< from where there is no way to it
    hyp,               ///< the loader was there already
    hyp_by_secure_svc, ///< start.S went there by way of Monitor mode
};

/// What was seen when the hypervisor itself made a mistake.
struct Fatal_trap {
    u32 r0, pc, psr;
};

} // namespace vambrace

/// Upcalls from pv/entry and start.S, defined in main.cpp; on_<function> of the calls in pv/hypercall.cpp.
extern "C" {
/// A guest stopped. Returns whom to resume. \param status what the guest is told, of the certain ones
vambrace::Context *on_trap(vambrace::Trap trap, vambrace::u32 status, vambrace::Context *guest);
/// A fault of guest user. Returns what its kernel is told: the frame is stored and the guest entered, at
/// once, or if a store faults on_trap() follows with a certain abort (the core's fault registers hold that
/// store's fault then). Or 0: on_trap() follows.
vambrace::u32 on_user_data_abort(vambrace::Context *guest);
vambrace::u32 on_user_prefetch_abort(vambrace::Context *guest);
/// A hypercall that pv/entry/hypercall.S takes by its number, with r1 to r3, which are in the guest's Context
/// as well, to be changed there; no other register is. Returns r0 and, in the upper word, an After_call. One
/// that is SLOW is not done here.
using Call_upcall = vambrace::u64(vambrace::Context *guest, vambrace::u32 r1, vambrace::u32 r2,
                                  vambrace::u32 r3);
/// One that is DIRECT. Returns r0.
using Direct_upcall = vambrace::u32(vambrace::Context *guest, vambrace::u32 r1);
#define UPCALL_SLOW Call_upcall
#define UPCALL_FAST Call_upcall
#define UPCALL_FAST_IRQ Call_upcall
#define UPCALL_FAST_WAKE Call_upcall
#define UPCALL_DIRECT Direct_upcall
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    UPCALL_##class on_##function;
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
#undef UPCALL_SLOW
#undef UPCALL_FAST
#undef UPCALL_FAST_IRQ
#undef UPCALL_FAST_WAKE
#undef UPCALL_DIRECT
/// RETURN with attention_refill alone: fills what the guest
/// has mapped after its last fault. Returns the same guest.
vambrace::Context *on_refill(vambrace::Context *guest);
[[noreturn]] void on_fatal(vambrace::Trap trap, vambrace::Fatal_trap const *state);
/// \param device_tree physical address of the host's device tree; \param ram where our own megabyte is
vambrace::Context *on_boot(vambrace::u32 device_tree, vambrace::u32 ram, vambrace::Entry_mode mode);
}
