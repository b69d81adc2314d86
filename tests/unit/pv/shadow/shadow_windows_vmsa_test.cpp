// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 have beside rights: a window's page is executed only if the guest's tables allow it.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;

TEST_CASE("a window's page with XN is not executed, and one without is")
{
    constexpr u32 ipa = VAMBRACE_REGION_IPA, physical = 0x00700000;
    Shadow_bench b;
    b.shadow.set_rights({.dacr = 0x55555555, .s = false, .r = false, .xp = true});
    bool const writable = GENERATE(true, false), never = GENERATE(true, false);
    Guest_mode const mode = GENERATE(kernel, user);
    Windows windows;
    hardware.add_memory(physical, mib);
    windows.open({Ipa {ipa}, mib, Frame::of(physical), writable});
    b.shadow.show(windows);
    b.activate(base_a);
    switch (GENERATE(range(0, 3))) {
    case 0:
        map(b, base_a, table_1, user_va + 0x3000, G::page(ipa + 0x3000, 3) | (never ? G::xn_page : 0));
        break;
    case 1:
        b.ram.set_l1(base_a, user_va, G::table(table_1));
        b.ram.set_large(table_1, user_va, G::large_page(ipa, 3) | (never ? G::xn_large : 0));
        break;
    default: b.ram.set_l1(base_a, user_va, G::section(ipa, 3) | (never ? G::xn_section : 0));
    }
    CHECK(b.loads(user_va + 0x3000, mode));
    CHECK(b.fetches(user_va + 0x3000, mode) == !never);
    CHECK(b.stores(user_va + 0x3000, mode) == writable);
    CHECK(b.fetches(user_va + 0x3000, mode) == !never);
}
