// SPDX-License-Identifier: Apache-2.0
// Shadow tables of the short descriptors: XN, APX, the access flag, large pages and supersections, and guests
// with ARMv6's subpages.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;
using Kind = Fill::Kind;

namespace {

constexpr u32 section_frame = ram + 0x300000;

/// One megabyte of sections, one of small pages and one with a large page, each with these bits.
struct Three_shapes {
    static constexpr u32 section_va = user_va, page_va = user_va + mib,
                         large_va = user_va + 2 * mib + 0x30000;
    Shadow_bench b {};

    explicit Three_shapes(u32 ap, bool xn = false, u32 domain = 0)
    {
        b.activate(base_a);
        b.ram.set_l1(base_a, section_va, G::section(section_frame, ap, domain) | (xn ? G::xn_section : 0));
        map(b, base_a, table_1, page_va, G::page(page_1, ap) | (xn ? G::xn_page : 0), domain);
        b.ram.set_l1(base_a, large_va, G::table(table_2, domain));
        b.ram.set_large(table_2, large_va, G::large_page(ram + 0x210000, ap) | (xn ? G::xn_large : 0));
    }
};

constexpr u32 shapes[] {Three_shapes::section_va, Three_shapes::page_va, Three_shapes::large_va};

} // namespace

TEST_CASE("what the guest marks XN is read and not executed, and what it does not mark is executed")
{
    bool const xn = GENERATE(false, true), fetch_first = GENERATE(false, true);
    Guest_mode const mode = GENERATE(kernel, user);
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    Three_shapes t {mode == kernel ? 1u : 3u, xn};
    if (fetch_first)
        CHECK(t.b.fetches(va, mode) == !xn);
    CHECK(t.b.loads(va, mode));
    CHECK(t.b.stores(va, mode));
    CHECK(t.b.fetches(va, mode) == !xn);
    if (xn)
        CHECK(t.b.shadow.fill(Va {va}, mode).status == (va == Three_shapes::section_va ? 0xd : 0xf));
}

TEST_CASE("XN is kept of every page that is filled along with another")
{
    Shadow_bench b;
    b.activate(base_a);
    for (u32 n = 0; n != 16; ++n)
        map(b, base_a, table_1, user_va + n * page_size,
            G::page(page_1 + n * page_size, 3) | (n & 1 ? G::xn_page : 0));
    CHECK(b.loads(user_va, user));
    for (u32 n = 0; n != 16; ++n) {
        CHECK(b.loads(user_va + n * page_size, user));
        CHECK(b.fetches(user_va + n * page_size, user) == !(n & 1));
    }
}

TEST_CASE("XN counts in a client's domain only, and not under SCTLR.XP = 0")
{
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    Three_shapes t {3, true, 4};
    t.b.shadow.set_rights({.dacr = 1 << 8});
    CHECK_FALSE(t.b.fetches(va, user));
    t.b.shadow.set_rights({.dacr = 3 << 8});
    CHECK(t.b.fetches(va, user));
    if (va == Three_shapes::section_va) {
        t.b.shadow.set_rights({.dacr = 1 << 8, .xp = false});
        CHECK(t.b.fetches(va, user));
    }
}

TEST_CASE(
    "APX and AP give what table B3-8 says, and a store to a read-only page is the hypervisor's mistake too")
{
    auto const [ap, kernel_loads, kernel_stores, user_loads, user_stores] =
        GENERATE(table<u32, bool, bool, bool, bool>({
            {0, false, false, false, false},
            {1, true, true, false, false},
            {2, true, false, true, false}, // docs/abi.md 2: the user's rights
            {3, true, true, true, true},
            {4, false, false, false, false}, // reserved
            {6, true, false, true, false},
            {7, true, false, true, false},
        }));
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    INFO("AP " << ap << " va " << std::hex << va);
    Three_shapes t {ap};
    CHECK(t.b.loads(va, user) == user_loads);
    CHECK(t.b.stores(va, user) == user_stores);
    CHECK(t.b.loads(va, kernel) == kernel_loads);
    CHECK(t.b.stores(va, kernel) == kernel_stores);
    CHECK(t.b.loads(va, user) == user_loads);
    CHECK(t.b.stores(va, user) == user_stores);
    if (user_loads && !user_stores)
        CHECK_FALSE(hardware.access(va, true, Hardware::Mode::privileged).ok());
}

TEST_CASE("a page that the guest kernel alone may read is read-only for it")
{
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    Three_shapes t {5};
    CHECK(t.b.loads(va, kernel));
    CHECK_FALSE(t.b.stores(va, kernel));
    CHECK_FALSE(t.b.loads(va, user));
    CHECK(t.b.reached(va, false, user) == 0);
    CHECK(t.b.loads(va, kernel));
}

TEST_CASE("a page without its access flag is a fault of its own, until the guest sets the flag")
{
    Three_shapes t {2, false, 3}; // AP[2:1] = 01: all may store
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    Guest_mode const mode = GENERATE(kernel, user);
    t.b.shadow.set_rights({.dacr = 0x55555555, .afe = true});
    CHECK(status_of(t.b, va, mode) == (va == Three_shapes::section_va ? 0x33 : 0x36));
    CHECK_FALSE(t.b.loads(va, mode));
    t.b.ram.set_l1(base_a, Three_shapes::section_va, G::section(section_frame, 3, 3));
    t.b.ram.set_l2(table_1, Three_shapes::page_va, G::page(page_1, 3));
    t.b.ram.set_large(table_2, Three_shapes::large_va, G::large_page(ram + 0x210000, 3));
    CHECK(t.b.stores(va, mode)); // what was absent needs no flush
}

TEST_CASE("with the access flag the rights are AP[2:1]")
{
    auto const [ap, kernel_stores, user_loads, user_stores] = GENERATE(table<u32, bool, bool, bool>(
        {{1, true, false, false}, {3, true, true, true}, {5, false, false, false}, {7, false, true, false}}));
    u32 const va = GENERATE(from_range(std::begin(shapes), std::end(shapes)));
    Three_shapes t {ap};
    t.b.shadow.set_rights({.dacr = 0x55555555, .afe = true});
    CHECK(t.b.loads(va, kernel));
    CHECK(t.b.stores(va, kernel) == kernel_stores);
    CHECK(t.b.loads(va, user) == user_loads);
    CHECK(t.b.stores(va, user) == user_stores);
}

TEST_CASE("one flag that is set opens no neighbour whose flag is not")
{
    Shadow_bench b;
    b.activate(base_a);
    b.shadow.set_rights({.dacr = 0x55555555, .afe = true});
    for (u32 n = 0; n != 16; ++n)
        map(b, base_a, table_1, user_va + n * page_size, G::page(page_1 + n * page_size, n & 1 ? 3 : 2));
    for (u32 n = 1; n < 16; n += 2)
        CHECK(b.loads(user_va + n * page_size, user));
    for (u32 n = 0; n != 16; n += 2) {
        CHECK(b.reached(user_va + n * page_size) == 0);
        CHECK(status_of(b, user_va + n * page_size, user) == 0x06);
    }
}

TEST_CASE("a large page shows the 4 KB that the address names, with one right")
{
    Three_shapes t {3};
    Shadow_bench &b = t.b;
    for (u32 n = 0; n != 16; ++n) {
        CHECK(b.stores(Three_shapes::large_va + n * page_size + 0xffc, user));
        CHECK(b.reached(Three_shapes::large_va + n * page_size) ==
              b.ram.physical(ram + 0x210000 + n * page_size));
    }
}

TEST_CASE("a supersection shows the RAM in its 16 megabytes, and nobody's beyond")
{
    Shadow_bench b;
    b.activate(base_a);
    constexpr u32 va = 0x10000000;
    u32 const extended = GENERATE(0u, 1u << 20, 1u << 5); // address bits 35:32 and 39:36
    for (u32 n = 0; n != 16; ++n)
        b.ram.set_l1(base_a, va + n * mib, G::supersection(ram & 0xff000000, 3) | extended);
    u32 const first = ram & 0x00ffffff;
    for (u32 n = first; n < first + Shadow_bench::ram_size && n < 16 * mib; n += mib) {
        CHECK(b.stores(va + n + 0x5004, user) == (extended == 0));
        CHECK(b.reached(va + n + 0x5004) == (extended ? 0 : b.ram.physical(ram + n - first + 0x5004)));
    }
    CHECK(b.shadow.fill(Va {va + 15 * mib}, user).kind == Kind::no_memory);
}

TEST_CASE("a flush of one page of a supersection is a flush of all of it")
{
    Shadow_bench b;
    b.activate(base_a);
    constexpr u32 va = 0x10000000;
    bool const asleep = GENERATE(false, true), by_page = GENERATE(false, true);
    for (u32 n = 0; n != 16; ++n)
        b.ram.set_l1(base_a, va + n * mib, G::supersection(ram & 0xff000000, 3));
    for (u32 n = 0; n != 8; ++n)
        CHECK(b.loads(va + n * mib, user));
    if (asleep)
        b.activate(base_b);
    for (u32 n = 0; n != 16; ++n)
        b.ram.set_l1(base_a, va + n * mib, 0);
    if (by_page)
        b.shadow.drop_page(base_a, Va {va + 3 * mib + 0x5000});
    else
        CHECK(b.shadow.resync(base_a, Va {va + 3 * mib + 0x5000}, page_size) == 0);
    b.activate(base_a);
    for (u32 n = 0; n != 8; ++n)
        CHECK(b.reached(va + n * mib) == 0);
    CHECK(hardware.stale().empty());
}

TEST_CASE("under SCTLR.XP = 0 a page has the least right of its subpages, and APX is not one")
{
    Shadow_bench b;
    b.activate(base_a);
    b.shadow.set_rights({.dacr = 0x55555555, .xp = false});
    auto const [aps, kernel_loads, kernel_stores, user_loads, user_stores] =
        GENERATE(table<u32, bool, bool, bool, bool>({
            {0xff, true, true, true, true},
            {0xbf, true, false, true, false}, // 11 11 11 10
            {0x7f, true, true, false, false},
            {0xfc, false, false, false, false},
            {0x56, true, true, false, false},
        }));
    map(b, base_a, table_1, user_va, page_1 | aps << 4 | G::c_b | 2);
    for (u32 va = user_va; va != user_va + page_size; va += kib) {
        CHECK(b.loads(va, user) == user_loads);
        CHECK(b.stores(va, user) == user_stores);
        CHECK(b.loads(va, kernel) == kernel_loads);
        CHECK(b.stores(va, kernel) == kernel_stores);
    }
}

TEST_CASE("page 0 is the guest's where the vectors are in the window")
{
    Shadow_bench b;
    b.activate(base_a);
    SECTION("a section") { b.ram.set_l1(base_a, 0, G::section(ram + 0x200000, 3)); }
    SECTION("a page") { map(b, base_a, table_1, 0, G::page(ram + 0x200000, 3)); }
    CHECK(b.stores(0, user));
    CHECK(b.reached(0x18, true, user) == b.ram.physical(ram + 0x200018));
    b.ram.set_l1(base_a, 0, 0);
    CHECK(b.shadow.resync(base_a, Va {0}, page_size) == 0);
    CHECK(b.reached(0x18) == 0);
    CHECK(status_of(b, 0x18, kernel) == 0x05);
}
