// SPDX-License-Identifier: Apache-2.0
// What entry.S needs of the vcpu that runs: its registers and the words of the fast paths.
#pragma once
#include <arch/arm/trap_regs.hpp>

namespace vambrace {

/// SVC mode's stack pointer points here while a guest runs. Known to entry.S through asm_offsets.cpp.
struct Context {
    u32 user_frame;    ///< where the next trap from guest user stores its frame; 0: guest kernel is running
    Trap_regs regs;    ///< valid while the hypervisor runs; the fast paths use the first two words as scratch
    u32 orig_r0;       ///< ends a frame: regs with a virtual psr, and this
    u32 dacr_kernel;   ///< DACR while the guest kernel runs
    u32 dacr_user;
    u32 svc_entry;     ///< vectors.svc_user
    u32 attention;     ///< not 0: RETURN has more to do than the fast path does; attention_refill: only that
    u32 checked_frame; ///< the last frame address that RETURN found to be outside the hypervisor's ranges
    u32 system_calls;  ///< that took the fast path

    static constexpr u32 attention_slow = 1, attention_refill = 2;

    bool in_user() const { return user_frame != 0; }
};

/// Why the hypervisor was entered.
enum class Trap : u32 { undefined, svc, prefetch_abort, data_abort, irq };

/// What was seen when the hypervisor itself made a mistake.
struct Fatal_trap {
    u32 r0, pc, psr;
};

} // namespace vambrace

/// Upcalls from entry.S and start.S, defined in main.cpp.
extern "C" {
/// A guest stopped. Returns whom to resume.
vambrace::Context *on_trap(vambrace::Context *context, vambrace::Trap trap);
/// A hypercall from SWITCH_TABLE to SET_TLS. \param arguments r1 to r3, and what they become. Returns r0.
vambrace::u32 on_simple_call(vambrace::u32 function, vambrace::u32 *arguments);
/// RETURN with attention_refill alone: fills what the guest has mapped after its last fault.
void on_refill(vambrace::Context *context);
[[noreturn]] void on_fatal(vambrace::Trap trap, vambrace::Fatal_trap const *state);
/// \param device_tree physical address of the host's device tree; \param ram where our own megabyte is
vambrace::Context *on_boot(vambrace::u32 device_tree, vambrace::u32 ram);
}
