// SPDX-License-Identifier: Apache-2.0
// The registers of CP14 and CP15 whose accesses by a guest come to HYP mode (DDI 0406C B1.14), and what each
// of them does there.
#pragma once
#include <arch/arm/model/cp15_identity.hpp>
#include <arch/arm/model/hsr.hpp>

namespace vambrace {

/// What a trapped access does. The caller does it; r15 of an MRC gets bits 31:28 into the flags.
enum class Hyp_register_action : u8 {
    undefined,           ///< the guest gets an undefined instruction
    zero_and_ignored,    ///< reads as zero, a write does nothing
    constant,            ///< reads as identity_value()
    pass_through,        ///< the register that the guest has anyway, or an operation on all of something
    address_maintenance, ///< on a line of the caches, by an address that has to be translated as the guest's
    set_way,             ///< on all of the data cache: no guest knows which lines are its own
    actlr,          ///< reads as identity_value(): errata and SMP are the hypervisor's; a write does nothing
    l2ctlr,         ///< reads as guest_l2ctlr(), a write does nothing
    cycle_counter,  ///< reads as the low word of the guest's virtual count, a write does nothing
    physical_count, ///< CNTPCT
    timer_value,    ///< CNTP_TVAL
    timer_control,  ///< CNTP_CTL
    timer_compare,  ///< CNTP_CVAL
};

enum class Register_direction : u8 { read, write, both };

/// Who may touch a register, as far as this is not the guest kernel's to say. A core may trap an access from
/// user mode that is undefined without the trap.
enum class Register_reach : u8 {
    kernel,     ///< undefined in user mode
    user_reads, ///< user mode may read it
    user,       ///< a register that lets user mode in has been looked at before the trap
};

/// One that is not in the table is {undefined}: what nobody has thought of is nobody's.
struct Hyp_register {
    Hyp_register_action action = Hyp_register_action::undefined;
    Register_direction direction = Register_direction::both;
    Register_reach reach = Register_reach::kernel;
};

/// Finds the register that an access is to, whoever makes it and in whichever direction. Any field values.
Hyp_register find_hyp_register(Coprocessor_access const &access);

/// Says what an access does: as find_hyp_register(), and undefined in the wrong direction or mode.
/// \param psr the guest's at the instruction
Hyp_register_action hyp_register_action(Coprocessor_access const &access, u32 psr);

/// What a guest in HYP mode's care sees of a real core: all of it but debug, trace, performance monitors,
/// Jazelle, ThumbEE, TCM and the Virtualization Extensions. MPIDR is each vcpu's own (VMPIDR) instead.
Cp15_identity shown_under_hyp(Cp15_identity const &real);

/// The value of a `constant` or of `actlr`; 0 for what the identity knows nothing of (REVIDR, and what is not
/// allocated among the CPUID registers).
u32 identity_value(Coprocessor_access const &access, Cp15_identity const &identity);

/// L2CTLR with the guest's own number of cores in the cluster (bits 25:24): four at the most.
/// \param vcpus at least 1
constexpr u32 guest_l2ctlr(u32 real, unsigned vcpus)
{
    constexpr u32 cores = 3 << 24;
    u32 const last = vcpus > 4 ? 3 : vcpus - 1;
    return (real & ~cores) | last << 24;
}

} // namespace vambrace
