// SPDX-License-Identifier: Apache-2.0
// What pv/entry needs of the vcpu that runs: its registers and the words of the fast paths.
#pragma once
#include <arch/arm/model/rights.hpp>
#include <arch/arm/model/trap_regs.hpp>
#include <arch/contract.hpp>

namespace vambrace {

/// What RETURN has to do besides returning. The assembly reads both words.
struct Pending_work {
    static constexpr u32 slow = 1, refill_only = 2;

    u32 attention; ///< 0: nothing; refill_only: on_refill(); else the slow path
    u32 refill;    ///< where the last forwarded fault was: what the guest maps there is filled; 0: nothing

    /// Something has changed that the slow path has to look at.
    void look_before_return() { attention |= slow; }
    /// The guest is told of a fault at va, and may map something there.
    void expect_mapping(Va va)
    {
        refill = va.value;
        attention |= refill_only;
    }
    /// The same where nothing else waits; a page that forbids the access is there, unless it is flushed.
    void expect_mapping(Va va, bool forbidden)
    {
        refill = va.value;
        if (!forbidden)
            attention = refill_only;
    }
    /// The page of the fault, or one that may be it, was flushed: it may have a successor by RETURN.
    void expect_successor() { attention |= refill_only; }
    bool is_expected_in(Va page) const { return (refill ^ page.value) < page_size; }
    /// RETURN fills now.
    Va take_refill()
    {
        Va const va {refill};
        refill = 0;
        return va;
    }
    /// The slow path has looked. \param again it has to look at the next RETURN as well
    void settle(bool again) { attention = (again ? slow : 0) | (refill ? attention & refill_only : 0); }
};

/// Where SVC goes, by Guest_mode. The two addresses differ in the bit Context::svc_of_kernel.
extern "C" u32 const svc_handlers[2];

/// Known to pv/entry by asm_offsets.cpp. SVC mode's stack pointer points at user_frame while a guest runs.
struct alignas(8) Context {
    static constexpr u32 svc_of_kernel = 0x20; ///< bit of svc_handler

    u32 spare;
    u32 svc_handler {svc_handlers[static_cast<u32>(Guest_mode::kernel)]}; ///< what SVC's vector jumps to
    u32 goes_on[2];                                                       ///< RETURN's: pc and psr
    /// Where the next trap from guest user stores its frame, not reserved. \pre guest user runs
    u32 user_frame;
    Trap_regs regs;  ///< valid while the hypervisor runs; the fast paths use the first seven as scratch
    u32 orig_r0;     ///< ends a frame: regs with a virtual psr, and this
    u32 dacr_kernel; ///< DACR while the guest kernel runs
    u32 dacr_user;
    u32 svc_entry; ///< vectors.svc_user
    Pending_work pending;
    u32 data_aborts; ///< of guest user, that were forwarded by the fast path
    u32 prefetch_aborts;
    u32 data_abort_entry; ///< vectors.data_abort_user
    u32 prefetch_abort_entry;

    bool in_user() const { return !(svc_handler & svc_of_kernel); }
    /// Who goes on. An SVC from guest user is a system call for as long as this says so.
    void set_mode(Guest_mode mode) { svc_handler = svc_handlers[static_cast<u32>(mode)]; }
    void look_before_return() { pending.look_before_return(); }
};

} // namespace vambrace
