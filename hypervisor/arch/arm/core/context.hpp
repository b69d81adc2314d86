// SPDX-License-Identifier: Apache-2.0
// What entry.S needs of the vcpu that runs: its registers and the words of the fast paths.
#pragma once
#include <arch/arm/model/trap_regs.hpp>
#include <arch/contract.hpp>

namespace vambrace {

/// SVC mode's stack pointer points here while a guest runs. Known to entry.S through asm_offsets.cpp.
struct alignas(8) Context {
    /// Where the next trap from guest user stores its frame, not reserved; 0: guest kernel is running
    u32 user_frame;
    Trap_regs regs;  ///< valid while the hypervisor runs; the fast paths use the first two words as scratch
    u32 orig_r0;     ///< ends a frame: regs with a virtual psr, and this
    u32 dacr_kernel; ///< DACR while the guest kernel runs
    u32 dacr_user;
    u32 svc_entry;    ///< vectors.svc_user
    u32 attention;    ///< not 0: RETURN has more to do than the fast path does; attention_refill: only that
    u32 system_calls; ///< that took the fast path
    u32 data_aborts;  ///< of guest user, that were forwarded by the fast path
    u32 prefetch_aborts;
    u32 data_abort_entry; ///< vectors.data_abort_user
    u32 prefetch_abort_entry;
    u32 refill; ///< where the last forwarded fault was: RETURN fills what is mapped there; 0: nothing

    static constexpr u32 attention_slow = 1, attention_refill = 2;

    bool in_user() const { return user_frame != 0; }
};

} // namespace vambrace
