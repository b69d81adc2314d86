// SPDX-License-Identifier: Apache-2.0
// The virtual CP15 of an ARM926EJ-S (DDI 0198E chapter 2): a guest's system control registers.
#pragma once
#include <arch/arm/model/abort.hpp>
#include <arch/arm/model/cp15.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/armv5/mmu.hpp>

namespace vambrace::armv5 {

/// c0, read-only. The default is an ARM926EJ-S r0p5 with 16 KB + 16 KB caches as QEMU's and without TCM.
struct Cp15_identity {
    u32 midr = 0x41069265;
    u32 ctr = 0x01dd20d2;
    u32 tcmtr = 0;
};

/// A guest's control register, DDI 0198E 2.3.2.
namespace guest_sctlr {
constexpr u32 m = 1 << 0, a = 1 << 1, c = 1 << 2, s = 1 << 8, r = 1 << 9, i = 1 << 12, v = 1 << 13,
              rr = 1 << 14;
constexpr u32 ones = 0x00050078; ///< bits 18, 16 and 6:3 read as one
/// B and L4 stay 0: a guest is little-endian, and loads to pc interwork on the real core.
constexpr u32 writable = m | a | c | s | r | i | v | rr;
} // namespace guest_sctlr

/// What a guest wrote, after reset as the manual says. V, C, I and RR are kept but have no effect here.
struct Cp15_state {
    u32 sctlr = guest_sctlr::ones;
    u32 ttbr = 0; ///< bits 31:14
    u32 dacr = 0;
    u32 dfsr = 0; ///< bits 7:0
    u32 ifsr = 0;
    u32 far = 0;
    u32 context_id = 0;

    bool mmu_on() const { return sctlr & guest_sctlr::m; }
    bool alignment_check() const { return sctlr & guest_sctlr::a; }
    /// The first-level table's IPA.
    u32 table() const { return ttbr; }
    void set_table(u32 base) { ttbr = base; }
    Rights_context rights() const
    {
        return mmu_on() ? Rights_context {dacr, (sctlr & guest_sctlr::s) != 0, (sctlr & guest_sctlr::r) != 0}
                        : rights_off;
    }
    /// A prefetch abort leaves FAR as it was (DDI 0198 2.3.6).
    void record_fault(Abort abort, Va va, u32 status)
    {
        if (abort == Abort::prefetch) {
            ifsr = status;
        } else {
            dfsr = status;
            far = va.value;
        }
    }
    /// The core does not translate for its guest.
    void record_translation(Ipa, u32) {}
};

/// One access from guest kernel mode; `value` is what an MCR writes. Other coprocessors, registers that the
/// core does not have, and UNPREDICTABLE accesses are undefined. Lockdown (c9, c10) and debug registers (c15)
/// read as zero and ignore writes. The FCSE PID (c13) takes 0 only: a guest that relocates is undefined.
Cp15_action access(Cp15_state &state, Coprocessor_op const &op, u32 value,
                   Cp15_identity const &identity = {});
/// MRRC and MCRR: the core knows none.
inline Cp15_action access(Cp15_state &, Coprocessor_pair const &, u32, u32, Cp15_identity const & = {})
{
    return {Cp15_action::Kind::undefined};
}

} // namespace vambrace::armv5
