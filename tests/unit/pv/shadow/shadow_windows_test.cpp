// SPDX-License-Identifier: Apache-2.0
// Regions that a guest shares, in its shadow tables: the window's frame and right, in the caches, and nothing
// that the hypervisor walks.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;
using Kind = Fill::Kind;

namespace {

constexpr u32 open_ipa = VAMBRACE_REGION_IPA, closed_ipa = open_ipa + VAMBRACE_REGION_SPACING;
constexpr u32 open_physical = Shadow_bench::ram_physical - mib, closed_physical = 0x00700000;
constexpr u32 open_size = mib, closed_size = 0x22000; ///< the second one ends within a large page

struct Windows_bench : Shadow_bench {
    Windows windows {};

    Windows_bench()
    {
        hardware.add_memory(open_physical, open_size);
        hardware.add_memory(closed_physical, closed_size);
        windows.open({Ipa {open_ipa}, open_size, Frame::of(open_physical), true});
        windows.open({Ipa {closed_ipa}, closed_size, Frame::of(closed_physical), false});
        shadow.show(windows);
        activate(base_a);
    }
    u32 entry(u32 va) const
    {
        auto const t = hardware.walk(va);
        return t ? t->l2 : 0;
    }
};

enum Form { small, large, section };

/// The guest maps what is at ipa at user_va, a megabyte of it or the page.
void map_as(Windows_bench &b, Form form, u32 ipa, u32 ap)
{
    u32 const in_megabyte = ipa & 0xfffff, va = user_va + in_megabyte;
    switch (form) {
    case small: map(b, base_a, table_1, va, G::page(align_down(ipa, page_size), ap)); break;
    case large:
        b.ram.set_l1(base_a, va, G::table(table_1));
        b.ram.set_large(table_1, va, G::large_page(align_down(ipa, 64 * kib), ap));
        break;
    case section: b.ram.set_l1(base_a, va, G::section(align_down(ipa, mib), ap)); break;
    }
}

/// Without C and B, and a type: what the guest says of caches.
constexpr u32 strongly_ordered(u32 word) { return word & ~0xcu; }

} // namespace

TEST_CASE("a window's page is its frame, with what both the window and the guest's tables allow")
{
    Windows_bench b;
    Form const form = GENERATE(small, large, section);
    bool const writable = GENERATE(true, false);
    u32 const ap = GENERATE(1u, 2u, 3u), offset = GENERATE(0x0u, 0x11000u, 0x21000u);
    Guest_mode const mode = GENERATE(kernel, user);
    u32 const va = user_va + offset + 0x678;
    map_as(b, form, (writable ? open_ipa : closed_ipa) + offset, ap);
    bool const loads = mode == kernel || ap >= 2, guest_stores = ap == 3 || (mode == kernel && ap == 1);
    u32 const physical = (writable ? open_physical : closed_physical) + offset + 0x678;
    CHECK(b.loads(va, mode) == loads);
    CHECK(b.reached(va, false, mode) == (loads ? physical : 0));
    CHECK(b.stores(va, mode) == (guest_stores && writable));
    CHECK(b.reached(va, true, mode) == (guest_stores && writable ? physical : 0));
    if (loads) {
        using Entry = arch::Shadow_entry;
        arch::Access const access = guest_stores && writable ? arch::Access::write : arch::Access::read;
        CHECK(b.entry(va) == Entry::page(Frame::of(physical), Entry::page_rights(access), Entry::cached));
        Fill const f = b.shadow.fill(Va {va}, mode);
        CHECK(f.kind == Kind::unchanged); // if the core refuses it nevertheless
        u32 const external = form == section ? 0x8 : G::external_page;
        CHECK(f.status == (guest_stores && !writable ? external : form == section ? 0xdu : 0xfu));
    }
    CHECK(hardware.stale().empty());
}

TEST_CASE("a window is in the caches, whatever the guest's tables say of it")
{
    Windows_bench b;
    bool const in_section = GENERATE(false, true);
    u32 const word = in_section ? G::section(open_ipa, 3) : G::page(open_ipa + 0x3000, 3);
    u32 const how = GENERATE(0u, 1u, 2u);
    u32 const said = how == 0 ? word : strongly_ordered(word) | (how == 1 ? 0 : 4);
    if (in_section)
        b.ram.set_l1(base_a, user_va, said);
    else
        map(b, base_a, table_1, user_va + 0x3000, said);
    CHECK(b.stores(user_va + 0x3000, user));
    using Entry = arch::Shadow_entry;
    CHECK(b.entry(user_va + 0x3000) == Entry::page(Frame::of(open_physical + 0x3000),
                                                   Entry::page_rights(arch::Access::write), Entry::cached));
}

TEST_CASE("beside a window there is no memory")
{
    Windows_bench b;
    Form const form = GENERATE(small, large, section);
    map_as(b, form, closed_ipa + closed_size, 3);
    Fill const f = b.shadow.fill(Va {user_va + closed_size + 0x123}, kernel);
    CHECK(f.kind == Kind::no_memory);
    CHECK(f.ipa == Ipa {closed_ipa + closed_size + 0x123});
    CHECK(f.status == 0);
    CHECK(b.reached(user_va + closed_size) == 0);
    b.ram.set_l1(base_a, user_va, G::section(open_ipa - mib, 3));
    CHECK(b.shadow.fill(Va {user_va + 0xff000}, kernel).kind == Kind::no_memory);
}

TEST_CASE("a guest without windows has no memory there")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(open_ipa, 3));
    CHECK(b.shadow.fill(Va {user_va}, kernel).kind == Kind::no_memory);
}

TEST_CASE("a window's page for the kernel alone goes before guest user runs")
{
    Windows_bench b;
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    map(b, base_a, table_1, user_va + 0x4000, G::page(open_ipa, 1));
    CHECK(b.stores(user_va, user));
    CHECK(b.stores(user_va + 0x4000, kernel));
    CHECK_FALSE(b.loads(user_va + 0x4000, user));
    CHECK(b.reached(user_va + 0x4000, false, user) == 0);
}

TEST_CASE("a flush takes over what a window's page has become")
{
    Windows_bench b;
    u32 const va = user_va + 0x5000;
    u32 const before = GENERATE(G::page(open_ipa + 0x1000, 3), G::page(closed_ipa + 0x1000, 3),
                                G::page(page_1, 3), G::page(open_ipa + 0x1000, 2));
    auto const [now, physical, writable] = GENERATE_COPY(table<u32, u32, bool>({
        {0, 0, false},
        {G::page(page_2, 3), b.ram.physical(page_2), true},
        {G::page(open_ipa + 0x2000, 3), open_physical + 0x2000, true},
        {G::page(open_ipa + 0x1000, 2), open_physical + 0x1000, false},
        {G::page(open_ipa + 0x1000, 3), open_physical + 0x1000, true},
        {G::page(closed_ipa + 0x1000, 3), closed_physical + 0x1000, false},
        {G::page(ram - mib + 0x1000, 3), 0, false}, // where RAM would be if it began there
    }));
    map(b, base_a, table_1, va, before);
    map(b, base_a, table_1, va + 0x1000, G::page(page_3, 3)); // so that there is a table of user pages
    CHECK(b.loads(va + 0x1000, user));
    CHECK(b.loads(va, user));
    b.ram.set_l2(table_1, va, now);
    switch (GENERATE(range(0, 5))) {
    case 0: b.shadow.resync_page(base_a, Va {va}); break;
    case 1: b.shadow.drop_page(base_a, Va {va}); break;
    case 2: CHECK(b.shadow.resync(base_a, Va {va}, page_size) == 0); break;
    case 3: CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0); break;
    default: b.shadow.drop(Va {va}, page_size); break;
    }
    u32 const met = b.reached(va, false, user);
    CHECK((met == 0 || met == physical));
    CHECK(b.loads(va, user) == (physical != 0));
    CHECK(b.stores(va, user) == writable);
    CHECK(b.reached(va, false, user) == physical);
    CHECK(hardware.stale().empty());
}

TEST_CASE("no table of a guest's lies in a window")
{
    Windows_bench b;
    u32 *const words = hardware.memory(open_physical);
    for (u32 n = 0; n != open_size / 4; ++n)
        words[n] = G::page(page_1, 3); // of either level: pages, or sections
    SECTION("of the second level")
    {
        b.ram.set_l1(base_a, user_va, G::table(open_ipa));
        CHECK(status_of(b, user_va, user) == 0xe);
    }
    SECTION("of the first level")
    {
        b.activate(open_ipa);
        CHECK(status_of(b, user_va, kernel) == 0xc);
        CHECK(status_of(b, user_va, user) == 0xc);
    }
    CHECK(b.reached(user_va) == 0);
}
