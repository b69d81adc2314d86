// SPDX-License-Identifier: Apache-2.0
// What hyp/entry saves of a guest at each trap, and how it calls up.
#pragma once
#include <arch/contract.hpp>

namespace vambrace {

/// SP_hyp points here while a guest runs. Every other register that the guest can reach stays in the core
/// until another guest runs.
struct alignas(8) Hyp_context {
    u32 r[13]; ///< as the guest's mode has them
    u32 lr;    ///< LR_usr, which is HYP mode's too
    u32 pc, psr;
    u32 leaf_calls; ///< hypercalls that hyp/entry answered by itself
};

/// Mistakes of ours.
enum class Hyp_trap : u32 { own_undefined, own_prefetch_abort, own_data_abort, own_unexpected };

} // namespace vambrace

/// Upcalls from hyp/entry, defined in main_hyp.cpp.
extern "C" {
/// A guest stopped, by a trap or an interrupt. Returns whom to resume. \param hsr HSR
vambrace::Hyp_context *on_hyp_trap(vambrace::Hyp_context *guest, vambrace::u32 hsr);
vambrace::Hyp_context *on_hyp_irq(vambrace::Hyp_context *guest);
[[noreturn]] void on_hyp_fatal(vambrace::Hyp_trap trap, vambrace::Fatal_trap const *state);
/// \param device_tree physical address of the host's device tree; \param ram where our own megabyte is
vambrace::Hyp_context *on_hyp_boot(vambrace::u32 device_tree, vambrace::u32 ram, vambrace::Entry_mode mode);
}
