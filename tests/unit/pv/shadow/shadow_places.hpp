// SPDX-License-Identifier: Apache-2.0
// Places in a guest's memory for tests of its shadow tables, and a page mapped there.
#pragma once
#include <catch2/catch.hpp>
#include <support/guest_bench.hpp>

namespace vambrace::shadow_places {

inline constexpr u32 ram = VAMBRACE_RAM_IPA;
inline constexpr u32 base_a = ram + 0x4000, base_b = ram + 0x8000, base_c = ram + 0xc000;
inline constexpr u32 table_1 = ram + 0x10000, table_2 = ram + 0x10400, table_3 = ram + 0x10800;
inline constexpr u32 page_1 = ram + 0x200000, page_2 = ram + 0x201000, page_3 = ram + 0x202000;
inline constexpr u32 user_va = 0x00100000, kernel_va = 0xd0000000;
inline constexpr Guest_mode kernel = Guest_mode::kernel, user = Guest_mode::user;

/// A small page at va in base through table.
inline void map(Shadow_bench &b, u32 base, u32 table, u32 va, u32 entry, u32 domain = 0)
{
    b.ram.set_l1(base, va, Guest_ram::table(table, domain));
    b.ram.set_l2(table, va, entry);
}

inline u32 status_of(Shadow_bench &b, u32 va, Guest_mode mode)
{
    Fill const f = b.shadow.fill(Va {va}, mode);
    REQUIRE(f.kind == Fill::Kind::fault);
    return f.status;
}

} // namespace vambrace::shadow_places
