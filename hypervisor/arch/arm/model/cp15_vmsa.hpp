// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of ARMv6 and ARMv7, as far as the two agree: its state, and the registers of all cores.
#pragma once
#include <arch/arm/model/abort.hpp>
#include <arch/arm/model/cp15.hpp>
#include <arch/arm/model/cp15_identity.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/arm/model/vmsa.hpp>

namespace vambrace {

/// A guest's control register, DDI 0406C B4.1.130, with the ARMv6 bits S, R and XP of DDI 0211K 3.2.7.
namespace guest_sctlr {
constexpr u32 m = 1 << 0, a = 1 << 1, c = 1 << 2, s = 1 << 8, r = 1 << 9, sw = 1 << 10, z = 1 << 11,
              i = 1 << 12, v = 1 << 13, rr = 1 << 14, fi = 1 << 21, u = 1 << 22, xp = 1 << 23, tre = 1 << 28,
              afe = 1 << 29;
/// What a change of these does to the guest's translations.
constexpr u32 translation = m | s | r | xp | tre | afe;
} // namespace guest_sctlr

/// What a guest wrote. Caches, branch prediction, V, U and the like are kept but have no effect here.
struct Vmsa_state {
    u32 sctlr;
    u32 cpacr = 0;
    u32 ttbr[2] {};
    u32 dacr = 0;
    u32 dfsr = 0, ifsr = 0;
    u32 dfar = 0, ifar = 0;
    u32 par = 0;
    u32 prrr = 0, nmrr = 0;
    u32 context_id = 0;
    u32 tpidrprw = 0;
    u32 csselr = 0;

    explicit constexpr Vmsa_state(u32 sctlr) : sctlr {sctlr} {}

    bool mmu_on() const { return sctlr & guest_sctlr::m; }
    bool alignment_check() const { return sctlr & guest_sctlr::a; }
    /// May the guest use VFP? Both of its modes or none:
    /// access for the kernel alone (CPACR.cp10 = 1) is none.
    bool vfp_access() const { return (cpacr & 0x00f00000) == 0x00f00000; }
    /// IPA of the first-level table.
    u32 table() const { return ttbr[0] & ~0x3fffu; }
    void set_table(u32 table) { ttbr[0] = (table & ~0x3fffu) | (ttbr[0] & 0x3fff); }
    /// Two tables' entries mean the same if this is the same. PRRR and NMRR count with TEX remap only.
    vmsa::Rights_context rights() const;
    /// \param status as the guest sees it in DFSR or IFSR (DDI 0406C B4.1.52, B4.1.96)
    void record_fault(Abort abort, Va va, u32 status);
    /// PAR (DDI 0406C B4.1.112). \param status 0: it succeeded
    void record_translation(Ipa page, u32 status);
};

/// Accesses that all cores know; the variants ask here for what they do not know themselves.
namespace cp15 {

/// An MRC from p15. \param name cp15_name()
Cp15_action read(Vmsa_state const &state, u32 name, Cp15_identity const &identity);
/// An MCR to p15 but c7 and c8.
Cp15_action write(Vmsa_state &state, u32 name, u32 value, Cp15_identity const &identity);
/// An MCR to c7 (DDI 0406C B4.2.1, DDI 0211K 3.2.22): set and way of the real cache are not a guest's to
/// name, so an operation on them is done on all of the cache.
Cp15_action maintain_cache(u32 name, u32 value);
/// An MCR to c8, of the unified TLB or of either half (DDI 0406C B4.2.2). Shadow tables know no ASID.
Cp15_action maintain_tlb(u32 name, u32 value);
/// c7, c8, {0..3}: VA to PA. \param opc2 of the operation
Cp15_action translate(unsigned opc2, u32 value);
/// \param writable of SCTLR; \param ones its bits that read as one
Cp15_action write_sctlr(Vmsa_state &state, u32 value, u32 writable, u32 ones);
/// p14: no debug, no ThumbEE, and a trivial Jazelle (DDI
/// 0406C B4.1.28, A2.10.2). What only identifies reads as 0.
Cp15_action debug_or_jazelle(Coprocessor_op const &op);

} // namespace cp15
} // namespace vambrace
