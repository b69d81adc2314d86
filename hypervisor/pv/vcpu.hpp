// SPDX-License-Identifier: Apache-2.0
// A guest's processor: its registers, its virtual CP15, and which virtual interrupts wait for it.
#pragma once
#include <arch.hpp>

namespace vambrace {

struct Vcpu {
    alignas(8) u32 below_context[2] {}; ///< entry.S's: where RETURN goes on
    arch::Context context {};           ///< SVC mode's stack pointer while the guest runs
    arch::Cp15_state cp15 {};
    arch::Thread_registers thread {}; ///< while another guest runs
    arch::Vfp_state vfp {};           ///< while another guest has VFP
    vambrace_vectors vectors {};
    bool has_vectors {};
    u32 raised {};  ///< virtual interrupts that the guest has not been shown
    u32 enabled {}; ///< by IRQ_ENABLE
    Time_ns timer {never};
    /// The status of one that the guest has to answer for and was not told of yet; 0: none
    u32 asynchronous_abort {};
    u32 retried_pc {}; ///< an access that was tried again though the shadow had it
    Va retried {};

    bool in_user() const { return context.in_user(); }
};

} // namespace vambrace
