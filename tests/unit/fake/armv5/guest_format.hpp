// SPDX-License-Identifier: Apache-2.0
// What a guest's author writes into its tables, and finds in its registers, on an ARM926.
#pragma once
#include <arch.hpp>

namespace vambrace {

/// DDI 0100I tables B4-3 and B4-5.
struct Guest_format {
    static u32 section(u32 ipa, u32 ap, u32 domain = 0) { return ipa | ap << 10 | domain << 5 | 0x1e; }
    static u32 table(u32 ipa, u32 domain = 0) { return ipa | domain << 5 | 0x11; }
    static u32 page(u32 ipa, u32 ap) { return page_of_four(ipa, ap * 0x55); }
    static u32 large_page(u32 ipa, u32 ap) { return large_page_of_four(ipa, ap * 0x55); }
    /// \param aps of the four subpages, lowest first
    static u32 page_of_four(u32 ipa, u32 aps) { return ipa | aps << 4 | 0xe; }
    static u32 large_page_of_four(u32 ipa, u32 aps) { return ipa | aps << 4 | 0xd; }

    /// Of DFSR, where a store failed: nothing says so.
    static constexpr u32 store = 0;
    /// An external abort of a page (DDI 0100I table B4-1).
    static constexpr u32 external_page = 0xa;
    /// What a frame keeps of the core's psr: N, Z, C, V, Q and T.
    static constexpr u32 psr_kept = 0xf8000020;

    static u32 &fault_address(arch::Cp15_state &cp15) { return cp15.far; }
    /// The core has no CPACR.
    static void open_coprocessors(arch::Cp15_state &) {}
};

} // namespace vambrace
