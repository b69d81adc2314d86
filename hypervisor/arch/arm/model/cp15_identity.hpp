// SPDX-License-Identifier: Apache-2.0
// What the identification registers of an ARMv6 or ARMv7 core say to a guest.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// c0 as the CPUID scheme lays it out (DDI 0406C B4.1), and what else differs from core to core.
struct Cp15_identity {
    u32 midr, ctr, tcmtr, tlbtr, mpidr;
    u32 pfr[2], dfr0, afr0, mmfr[4], isar[6];
    u32 clidr, aidr;
    u32 ccsidr_data, ccsidr_instruction; ///< of level 1
    u32 actlr;
    u32 cpacr; ///< the fields that the core keeps of all ones

    /// MIDR's primary part number.
    constexpr u32 part() const { return bits(midr, 15, 4); }
    constexpr u32 variant() const { return bits(midr, 23, 20); }
};

/// MIDR's primary part numbers.
namespace part {
constexpr u32 arm1136 = 0xb36, arm1176 = 0xb76, arm11_mpcore = 0xb02;
constexpr u32 cortex_a5 = 0xc05, cortex_a7 = 0xc07, cortex_a8 = 0xc08, cortex_a9 = 0xc09, cortex_a15 = 0xc0f;
} // namespace part

/// The line that maintenance by address has for a guest,
/// where CTR says how long one is: a trap cleans that much.
constexpr u32 guest_cache_line = 4 * kib;

/// The core by its name in device trees; by its architecture's where it is not known.
char const *core_name(Cp15_identity const &id);

/// What a guest sees of a real core: a uniprocessor without TCM, debug, performance monitors, Jazelle,
/// ThumbEE, PXN, long descriptors, the Security and the Virtualization Extensions. An ARMv7 core's data cache
/// has one set and one way, so that loops over it end at once; each of their operations is done on the whole
/// cache. The instruction cache keeps its form, from which a guest finds out whether it has aliases. CTR's
/// lines are guest_cache_line long.
Cp15_identity masked(Cp15_identity const &real);

} // namespace vambrace
