// SPDX-License-Identifier: Apache-2.0
// What a guest's author writes into its tables, and finds in its registers, on a core with short descriptors.
#pragma once
#include <arch.hpp>

namespace vambrace {

/// DDI 0406C figures B3-4 and B3-5. \param ap APX and AP, as AP[2:0] in table B3-8
struct Guest_format {
    static constexpr u32 xn_section = 1 << 4, xn_page = 1 << 0, xn_large = 1 << 15;
    static constexpr u32 c_b = 3 << 2;

    static u32 section(u32 ipa, u32 ap, u32 domain = 0)
    {
        return ipa | (ap >> 2) << 15 | (ap & 3) << 10 | domain << 5 | c_b | 2;
    }
    /// Without address bits 39:32. Its domain is 0.
    static u32 supersection(u32 ipa, u32 ap) { return section(ipa, ap) | 1 << 18; }
    static u32 table(u32 ipa, u32 domain = 0) { return ipa | domain << 5 | 1; }
    static u32 page(u32 ipa, u32 ap) { return ipa | (ap >> 2) << 9 | (ap & 3) << 4 | c_b | 2; }
    static u32 large_page(u32 ipa, u32 ap) { return ipa | (ap >> 2) << 9 | (ap & 3) << 4 | c_b | 1; }

    /// Of DFSR: WnR (B4.1.52).
    static constexpr u32 store = 1 << 11;
    /// A synchronous external abort (table B3-23).
    static constexpr u32 external_page = 0x8;
    /// What a frame keeps of the core's psr: N, Z, C, V, Q, IT, GE, E and T.
    static constexpr u32 psr_kept = 0xfe0ffe20;

    static u32 &fault_address(arch::Cp15_state &cp15) { return cp15.dfar; }
    /// CPACR: coprocessors 10 and 11 for both modes.
    static void open_coprocessors(arch::Cp15_state &cp15) { cp15.cpacr |= 0x00f00000; }
};

} // namespace vambrace
