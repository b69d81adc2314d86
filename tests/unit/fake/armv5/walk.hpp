// SPDX-License-Identifier: Apache-2.0
// How an ARMv5 core reads the hypervisor's tables: words from the manual, not from hypervisor/arch. DDI 0100I
// B4.7 and table B4-1; a word that the hypervisor has no use for is its mistake.
#pragma once
#include <arch/arm/model/decoder.hpp>
#include <arch/armv5/cache.hpp>
#include <fake/faults.hpp>
#include <fake/translation.hpp>
#include <vambrace/abi.h>

namespace vambrace::walk {

using Maintenance = armv5::Maintenance;

constexpr bool always_has_asids = false;
constexpr Isa isa = Isa::v5; ///< of guests, unless a test says more

enum class First : u8 { nothing, table, section };

/// DDI 0100I table B4-3.
inline First first_level(u32 l1, u32 va)
{
    switch (l1 & 3) {
    case 0: return First::nothing;
    case 1: return First::table;
    case 2: return First::section;
    default: throw Hypervisor_fault {"a fine table", va};
    }
}

/// DDI 0100I table B4-5. False: nothing is there.
inline bool is_page(u32 l2, u32 va)
{
    if ((l2 & 3) == 1 || (l2 & 3) == 3)
        throw Hypervisor_fault {"neither a fault nor a small page", va};
    return (l2 & 3) == 2;
}

/// There is no nG: the window and the vectors are the hypervisor's.
inline bool is_global(Translation const &, u32 va)
{
    return va < page_size || (va >= VAMBRACE_WINDOW_BASE && va < VAMBRACE_WINDOW_END);
}

/// DDI 0100I table B4-2 with S = 0, R = 1. A fetch is a load.
inline bool permits(Translation const &t, u32 va, Kind kind, Mode mode)
{
    u32 const ap = t.l2 ? t.l2 >> (4 + 2 * (va >> 10 & 3)) & 3 : t.l1 >> 10 & 3;
    bool const privileged = mode == Mode::privileged;
    switch (ap) {
    case 0: return kind != Kind::store;
    case 1: return privileged;
    case 2: return privileged || kind != Kind::store;
    default: return true;
    }
}

/// DDI 0100I table B4-1; IFSR has the form of FSR (DDI 0198 2.3.5).
inline u32 status(u32 fault, u32 domain, Kind) { return fault | domain << 4; }

} // namespace vambrace::walk
