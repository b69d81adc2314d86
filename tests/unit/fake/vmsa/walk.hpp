// SPDX-License-Identifier: Apache-2.0
// How a core with short descriptors reads the hypervisor's tables, with SCTLR.AFE and TRE 0, on ARMv6 with
// XP = 1: words from the manual, not from hypervisor/arch. DDI 0406C B3.5.1, B3.7, B3.13; a word that the
// hypervisor has no use for is its mistake.
#pragma once
#include <arch/arm/model/decoder.hpp>
#include <arch/armv7/cache.hpp>
#include <fake/faults.hpp>
#include <fake/translation.hpp>

namespace vambrace::walk {

using Maintenance = armv7::Maintenance;

constexpr bool always_has_asids = true;
constexpr Isa isa = Isa::v7; ///< of guests, unless a test says less

enum class First : u8 { nothing, table, section };

/// DDI 0406C figure B3-4.
inline First first_level(u32 l1, u32 va)
{
    constexpr u32 table_zeros = 0x21c, section_zeros = 0xd0200; // PXN, NS, SBZ; NS, supersection, S, bit 9
    switch (l1 & 3) {
    case 0: return First::nothing;
    case 1:
        if (l1 & table_zeros)
            throw Hypervisor_fault {"bits of a table that should be zero", va};
        return First::table;
    case 2:
        if (l1 & section_zeros)
            throw Hypervisor_fault {"a supersection, a shareable or a Non-secure section", va};
        return First::section;
    default: throw Hypervisor_fault {"a reserved first-level entry", va};
    }
}

/// DDI 0406C figure B3-5; bit 0 is XN. False: nothing is there.
inline bool is_page(u32 l2, u32 va)
{
    constexpr u32 shareable = 1 << 10;
    if ((l2 & 3) == 1)
        throw Hypervisor_fault {"a large page", va};
    if ((l2 & 3) != 0 && (l2 & shareable))
        throw Hypervisor_fault {"a shareable page", va};
    return (l2 & 3) != 0;
}

/// nG, bit 17 of a section and 11 of a small page (B3.5.1).
inline bool is_global(Translation const &t, u32) { return !(t.l2 ? t.l2 >> 11 & 1 : t.l1 >> 17 & 1); }

/// APX and AP: bits 15, 11 and 10 of a section, 9, 5 and 4 of a small page.
inline u32 rights(Translation const &t)
{
    return t.l2 ? (t.l2 >> 9 & 1) << 2 | (t.l2 >> 4 & 3) : (t.l1 >> 15 & 1) << 2 | (t.l1 >> 10 & 3);
}
/// Bit 4 of a section, 0 of a small page.
inline bool never_executes(Translation const &t) { return t.l2 ? t.l2 & 1 : t.l1 >> 4 & 1; }

/// DDI 0406C table B3-8; B3.7.2: XN holds for every mode.
inline bool permits(Translation const &t, u32 va, Kind kind, Mode mode)
{
    bool const privileged = mode == Mode::privileged, store = kind == Kind::store;
    if (kind == Kind::fetch && never_executes(t))
        return false;
    switch (rights(t)) {
    case 0: return false;
    case 1: return privileged;
    case 2: return privileged || !store;
    case 3: return true;
    case 5: return privileged && !store;
    case 6:
    case 7: return !store;
    default: throw Hypervisor_fault {"reserved rights", va};
    }
}

/// DFSR (DDI 0406C B4.1.52) with WnR; IFSR has neither that nor a domain (B4.1.96).
inline u32 status(u32 fault, u32 domain, Kind kind)
{
    constexpr u32 wnr = 1 << 11;
    return kind == Kind::fetch ? fault : fault | domain << 4 | (kind == Kind::store ? wnr : 0);
}

} // namespace vambrace::walk
