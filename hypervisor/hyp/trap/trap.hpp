// SPDX-License-Identifier: Apache-2.0
// What the hypervisor does with the traps of a guest in HYP mode's care. All of it is about the vcpu that
// runs.
#pragma once
#include <hyp/interrupts.hpp>
#include <kernel/cpu.hpp>

namespace vambrace {

/// HVC, or SMC, which never reaches the firmware.
void handle_call(Hyp_vcpu &v);
/// By what HSR says, if it is not HVC. Out of line: what is frequent has ways of its own.
void handle_other_trap(Hyp_vcpu &v, Hsr hsr);
inline void handle_trap(Hyp_vcpu &v, Hsr hsr)
{
    if (hsr.ec() == Ec::hvc) // whose syndrome has no condition (DDI 0406C B3.13.6)
        handle_call(v);
    else
        handle_other_trap(v, hsr);
}
/// A load or store where the second stage maps nothing. \param hsr EC 0x24
void access_device(Hyp_vcpu &v, Hsr hsr);
/// A trapped access to a register of CP14 or CP15.
void access_register(Hyp_vcpu &v, Hsr hsr);

/// The guest's own r0 to r14, as its mode has them.
u32 read_register(Hyp_vcpu const &v, unsigned n);
void write_register(Hyp_vcpu &v, unsigned n, u32 value);
/// All of them, with pc and psr, for a decoded instruction.
Trap_regs trap_registers(Hyp_vcpu const &v);
/// \param changed which of r0 to r15, a bit each; pc and psr are set whatever it says
void set_trap_registers(Hyp_vcpu &v, Trap_regs const &regs, u32 changed);
/// The instruction that trapped. An error: the guest's tables do not show it any more.
Result<Instruction> fetch(Hyp_vcpu const &v);
/// Where an access would have gone. Error::again: the guest's tables have changed since.
Result<Ipa> fault_address(Abort_syndrome const &s, Va va);
/// The instruction that trapped is done. \param length of it in bytes
void skip_instruction(Hyp_vcpu &v, unsigned length);

/// Exceptions as the guest's core would take them.
void inject_undefined(Hyp_vcpu &v);
void inject_data_abort(Hyp_vcpu &v, Injected_fault const &fault, Va va);
void inject_prefetch_abort(Hyp_vcpu &v, Injected_fault const &fault, Va va);

/// Whether the vcpu that has trapped goes on, and nothing is to be done before.
inline bool goes_on(Hyp_vcpu &v) { return !this_cpu().must_reschedule() && guest_of(v).gic.is_settled(); }
/// The way out of every trap: whose turn it is, ready to be resumed. A guest may end on this way.
Hyp_context *resume_hyp();

} // namespace vambrace
