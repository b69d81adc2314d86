// SPDX-License-Identifier: Apache-2.0
// How a guest in HYP mode's care takes an exception that the hypervisor gives it: what its registers hold
// then, as if the core had done it (DDI 0406C B1.9).
#pragma once
#include <arch/arm/model/abort.hpp>
#include <arch/arm/model/hsr.hpp>
#include <arch/arm/model/lpae.hpp>
#include <arch/arm/model/vmsa_fault.hpp>

namespace vambrace {

/// The guest's own registers that say how it takes exceptions. Any values.
struct Exception_control {
    u32 sctlr, vbar, ttbcr;
};

/// What changes. The mode is in `cpsr`; `lr` and `spsr` are that mode's banked registers.
struct Exception_entry {
    u32 lr, spsr;
    u32 cpsr, pc;
    constexpr bool operator==(Exception_entry const &) const = default;
};

/// An abort with what it leaves in DFSR and DFAR, or in IFSR and IFAR.
struct Abort_entry {
    Exception_entry entry;
    u32 status, address;
};

/// What the guest is told of an abort. `kind` is translation, external, external_on_walk or alignment; any
/// other is told as an external abort.
struct Injected_fault {
    Fault_kind kind = Fault_kind::external;
    u8 level = 1;       ///< of the guest's own tables, for translation and external_on_walk: 1 to 3
    bool write = false; ///< means nothing to a prefetch abort
};

namespace detail {

constexpr u32 sctlr_v = 1 << 13, sctlr_ee = 1 << 25, sctlr_te = 1 << 30;

/// \param offset of the vector
constexpr u32 vector_address(Exception_control const &control, u32 offset)
{
    constexpr u32 high_vectors = 0xffff0000;
    return (control.sctlr & sctlr_v ? high_vectors : control.vbar & ~0x1fu) + offset;
}

/// \param mode with the masks that are set besides I
constexpr u32 psr_in_handler(Exception_control const &control, u32 before, u32 mode_and_masks)
{
    u32 const kept = before & ~(psr::mode_mask | psr::it | psr::j | psr::t | psr::e);
    return kept | mode_and_masks | psr::i | (control.sctlr & sctlr_te ? psr::t : 0) |
           (control.sctlr & sctlr_ee ? psr::e : 0);
}

/// DFSR.STATUS with the long-descriptor format.
constexpr u32 long_status(Injected_fault const &fault)
{
    switch (fault.kind) {
    case Fault_kind::translation: return 0x04 | (fault.level & 3);
    case Fault_kind::external_on_walk: return 0x14 | (fault.level & 3);
    case Fault_kind::alignment: return 0x21;
    default: return 0x10;
    }
}

/// DFSR.FS with the short-descriptor format, where there are two levels.
constexpr u32 short_status(Injected_fault const &fault)
{
    namespace fsr = vmsa::fsr;
    switch (fault.kind) {
    case Fault_kind::translation: return fsr::translation | (fault.level > 1 ? fsr::page : 0);
    case Fault_kind::external_on_walk: return fault.level > 1 ? fsr::external_l2 : fsr::external_l1;
    case Fault_kind::alignment: return fsr::alignment;
    default: return fsr::external(fault.write);
    }
}

} // namespace detail

/// DFSR or IFSR in the format of the guest's tables: with TTBCR.EAE the one that has LPAE set.
constexpr u32 injected_status(Abort abort, Injected_fault const &fault, u32 ttbcr)
{
    constexpr u32 lpae_format = 1 << 9;
    u32 const status =
        ttbcr & lpae::ttbcr::eae ? lpae_format | detail::long_status(fault) : detail::short_status(fault);
    return abort == Abort::data && fault.write ? status | vmsa::fsr::write : status;
}

/// An undefined instruction. \param at the instruction, and the guest's psr there
constexpr Exception_entry inject_undefined(Exception_control const &control, Return_state at)
{
    constexpr u32 vector = 0x04;
    return {.lr = at.pc + (at.psr & psr::t ? 2 : 4),
            .spsr = at.psr,
            .cpsr = detail::psr_in_handler(control, at.psr, psr::und),
            .pc = detail::vector_address(control, vector)};
}

/// An abort. \param at the instruction, and the guest's psr there \param address for DFAR or IFAR
constexpr Abort_entry inject_abort(Abort abort, Injected_fault const &fault, Va address,
                                   Exception_control const &control, Return_state at)
{
    constexpr u32 prefetch_vector = 0x0c, data_vector = 0x10;
    bool const data = abort == Abort::data;
    return {.entry = {.lr = at.pc + (data ? 8 : 4), // in Thumb state, too
                      .spsr = at.psr,
                      .cpsr = detail::psr_in_handler(control, at.psr, psr::abt | psr::a),
                      .pc = detail::vector_address(control, data ? data_vector : prefetch_vector)},
            .status = injected_status(abort, fault, control.ttbcr),
            .address = address.value};
}

} // namespace vambrace
