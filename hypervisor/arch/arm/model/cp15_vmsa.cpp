// SPDX-License-Identifier: Apache-2.0
// The registers of the virtual CP15 that ARMv6 and ARMv7 cores share (DDI 0406C B4.1, DDI 0211K 3.2).
#include <arch/arm/model/cp15_vmsa.hpp>

namespace vambrace {

vmsa::Rights_context Vmsa_state::rights() const
{
    using namespace guest_sctlr;
    if (!mmu_on())
        return vmsa::rights_off;
    bool const remap = sctlr & tre;
    return {.dacr = dacr,
            .s = (sctlr & s) != 0,
            .r = (sctlr & r) != 0,
            .xp = (sctlr & xp) != 0,
            .tre = remap,
            .afe = (sctlr & afe) != 0,
            .prrr = remap ? prrr : 0,
            .nmrr = remap ? nmrr : 0};
}

namespace {

using Kind = Cp15_action::Kind;

/// FS and its domain, WnR, ExT; IFSR has neither domain nor WnR (DDI 0406C B4.1.52, B4.1.96).
constexpr u32 dfsr_mask = 0x1cff, ifsr_mask = 0x140f;
constexpr u32 ttbr_mask = 0xffffc07f;

Cp15_action reads(u32 value) { return {.value = value}; }

/// c0, c1 and c0, c2: the features.
Cp15_action read_features(u32 name, Cp15_identity const &id)
{
    u32 const n = name & 7;
    if ((name >> 4 & 0xf) == 2)
        return reads(n < 6 ? id.isar[n] : 0);
    switch (n) {
    case 0:
    case 1: return reads(id.pfr[n]);
    case 2: return reads(id.dfr0);
    case 3: return reads(id.afr0);
    default: return reads(id.mmfr[n - 4]);
    }
}

/// c0. What is not allocated in c0, c0 reads as MIDR, in c0, c3 to c7 as zero (DDI 0406C B3.17.2).
Cp15_action read_identity(u32 name, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 0, 0, 1): return reads(id.ctr);
    case cp15_name(0, 0, 0, 2): return reads(id.tcmtr);
    case cp15_name(0, 0, 0, 3): return reads(id.tlbtr);
    case cp15_name(0, 0, 0, 5): return reads(id.mpidr);
    case cp15_name(0, 0, 0, 0):
    case cp15_name(0, 0, 0, 4):
    case cp15_name(0, 0, 0, 6):
    case cp15_name(0, 0, 0, 7): return reads(id.midr);
    case cp15_name(0, 0, 1, 0)... cp15_name(0, 0, 1, 7):
    case cp15_name(0, 0, 2, 0)... cp15_name(0, 0, 2, 7): return read_features(name, id);
    case cp15_name(0, 0, 3, 0)... cp15_name(0, 0, 7, 7): return reads(0);
    default: return {Kind::undefined};
    }
}

/// The rights that a DACR gives: the reserved value 0b10 is taken as no access (DDI 0406C B4.1.43).
constexpr u32 given_rights(u32 dacr)
{
    u32 const some = dacr & 0x55555555;
    return dacr & (some | some << 1);
}

Cp15_action write_dacr(Vmsa_state &state, u32 value)
{
    bool const changed = given_rights(state.dacr) != given_rights(value);
    state.dacr = value;
    return {changed ? Kind::domains_changed : Kind::none};
}

Cp15_action write_ttbr0(Vmsa_state &state, u32 value)
{
    u32 const before = state.table();
    state.ttbr[0] = value & ttbr_mask;
    return {state.table() != before ? Kind::table_changed : Kind::none};
}

/// N = 0 is the one split of the address space there is here; PD0 and PD1 belong to the Security Extensions.
Cp15_action write_ttbcr(u32 value)
{
    constexpr u32 eae = 1u << 31, n = 7;
    return {value & (eae | n) ? Kind::undefined : Kind::none};
}

/// Bits 7:0 are the ASID: entries of another one may be stale by right, those of a shadow table may not.
Cp15_action write_context_id(Vmsa_state &state, u32 value)
{
    bool const changed = (state.context_id ^ value) & 0xff;
    state.context_id = value;
    return {changed ? Kind::tlb_all : Kind::none};
}

Cp15_action write_cpacr(Vmsa_state &state, u32 value)
{
    bool const before = state.vfp_access();
    state.cpacr = value;
    return {state.vfp_access() != before ? Kind::coprocessors_changed : Kind::none};
}

Cp15_action write_remap(Vmsa_state &state, u32 &remap, u32 value)
{
    bool const changed = remap != value && state.sctlr & guest_sctlr::tre && state.mmu_on();
    remap = value;
    return {changed ? Kind::mmu_changed : Kind::none};
}

Cp15_action keep(u32 &place, u32 value)
{
    place = value;
    return {};
}

} // namespace

void Vmsa_state::record_fault(Abort abort, Va va, u32 status)
{
    if (abort == Abort::prefetch) {
        ifsr = status;
        ifar = va.value;
    } else {
        dfsr = status;
        dfar = va.value;
    }
}

void Vmsa_state::record_translation(Ipa page, u32 status)
{
    if (status == 0) // Normal memory, not cacheable, not shareable
        par = page.value & 0xfffff000;
    else // FS[5:0] = ExT, FS[4:0] at 6:1
        par = bit(status, 12) << 6 | bit(status, 10) << 5 | bits(status, 3, 0) << 1 | 1;
}

namespace cp15 {

Cp15_action read(Vmsa_state const &state, u32 name, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 1, 0, 0): return reads(state.sctlr);
    case cp15_name(0, 1, 0, 1): return reads(id.actlr);
    case cp15_name(0, 1, 0, 2): return reads(state.cpacr);
    case cp15_name(0, 2, 0, 0): return reads(state.ttbr[0]);
    case cp15_name(0, 2, 0, 1): return reads(state.ttbr[1]);
    case cp15_name(0, 2, 0, 2): return reads(0);
    case cp15_name(0, 3, 0, 0): return reads(state.dacr);
    case cp15_name(0, 5, 0, 0): return reads(state.dfsr & dfsr_mask);
    case cp15_name(0, 5, 0, 1): return reads(state.ifsr & ifsr_mask);
    case cp15_name(0, 6, 0, 0): return reads(state.dfar);
    case cp15_name(0, 6, 0, 2): return reads(state.ifar);
    case cp15_name(0, 7, 4, 0): return reads(state.par);
    case cp15_name(0, 10, 2, 0): return reads(state.prrr);
    case cp15_name(0, 10, 2, 1): return reads(state.nmrr);
    case cp15_name(0, 13, 0, 0): return reads(0);
    case cp15_name(0, 13, 0, 1): return reads(state.context_id);
    case cp15_name(0, 13, 0, 4): return reads(state.tpidrprw);
    case cp15_name(0, 10, 0, 0): return reads(0); // TLB lockdown
    default: return read_identity(name, id);
    }
}

Cp15_action write(Vmsa_state &state, u32 name, u32 value, Cp15_identity const &id)
{
    switch (name) {
    case cp15_name(0, 1, 0, 1): return {}; // ACTLR is the hypervisor's
    case cp15_name(0, 1, 0, 2): return write_cpacr(state, value & id.cpacr);
    case cp15_name(0, 2, 0, 0): return write_ttbr0(state, value);
    case cp15_name(0, 2, 0, 1): return keep(state.ttbr[1], value & ttbr_mask);
    case cp15_name(0, 2, 0, 2): return write_ttbcr(value);
    case cp15_name(0, 3, 0, 0): return write_dacr(state, value);
    case cp15_name(0, 5, 0, 0): return keep(state.dfsr, value & dfsr_mask);
    case cp15_name(0, 5, 0, 1): return keep(state.ifsr, value & ifsr_mask);
    case cp15_name(0, 6, 0, 0): return keep(state.dfar, value);
    case cp15_name(0, 6, 0, 2): return keep(state.ifar, value);
    case cp15_name(0, 7, 4, 0): return keep(state.par, value);
    case cp15_name(0, 10, 0, 0): return {};
    case cp15_name(0, 10, 2, 0): return write_remap(state, state.prrr, value);
    case cp15_name(0, 10, 2, 1): return write_remap(state, state.nmrr, value);
    case cp15_name(0, 13, 0, 1): return write_context_id(state, value);
    case cp15_name(0, 13, 0, 3): return {.kind = Kind::thread_register, .value = value};
    case cp15_name(0, 13, 0, 4): return keep(state.tpidrprw, value);
    default: return {Kind::undefined};
    }
}

Cp15_action write_sctlr(Vmsa_state &state, u32 value, u32 writable, u32 ones)
{
    using namespace guest_sctlr;
    u32 const next = ones | (value & writable), changed = next ^ state.sctlr;
    state.sctlr = next;
    if (changed & translation)
        return {Kind::mmu_changed};
    return {changed & a ? Kind::alignment_changed : Kind::none};
}

} // namespace cp15
} // namespace vambrace
