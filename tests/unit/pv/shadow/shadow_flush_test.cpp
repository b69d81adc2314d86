// SPDX-License-Identifier: Apache-2.0
// Shadow tables, case by case: what each kind of flush must and must not leave behind.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;

namespace {

/// Sections of a test: the first-level entry becomes another.
void replace_the_table(Shadow_bench &b)
{
    SECTION("a section instead of the table, and back")
    {
        b.ram.set_l1(base_a, user_va, G::section(ram + 0x300000, 3));
        CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0);
        CHECK(b.stores(user_va + 0x4000, user));
        CHECK(b.reached(user_va + 0x4000) == b.ram.physical(ram + 0x304000));
        b.ram.set_l1(base_a, user_va, G::table(table_1));
        CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0);
        CHECK(b.reached(user_va + 0x4000) == 0);
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va) == b.ram.physical(page_1));
    }
    SECTION("another table")
    {
        map(b, base_a, table_2, user_va, G::page(page_3, 3));
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK(b.reached(user_va) != b.ram.physical(page_1));
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va) == b.ram.physical(page_3));
    }
}

} // namespace

TEST_CASE("a flush takes over what the guest has changed")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    SECTION("another frame")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_2, 3));
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va, true, user) == b.ram.physical(page_2));
        CHECK(b.shadow.resynced() == 1);
        CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0);
        CHECK(b.shadow.resynced() == 1); // nothing was left to change
    }
    SECTION("fewer rights")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_1, 2));
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK_FALSE(b.stores(user_va, user));
        CHECK(b.loads(user_va, user));
    }
    SECTION("the kernel's alone")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_1, 1));
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK_FALSE(b.loads(user_va, user));
        CHECK(b.loads(user_va, kernel));
        CHECK(b.reached(user_va, false, user) == 0);
    }
    SECTION("nothing any more")
    {
        b.ram.set_l2(table_1, user_va, 0);
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK_FALSE(b.loads(user_va, user));
    }
    SECTION("a page that is not RAM")
    {
        b.ram.set_l2(table_1, user_va, G::page(VAMBRACE_PL011_IPA, 3));
        CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
        CHECK(b.reached(user_va) == 0);
    }
    replace_the_table(b);
    CHECK(hardware.stale().empty());
}

TEST_CASE("a page that is reclaimed from a sleeping process is not there when it wakes")
{
    Shadow_bench b {256 * kib};
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    b.activate(base_b);
    b.ram.set_l2(table_1, user_va, 0);
    CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
    map(b, base_b, table_2, user_va, G::page(page_1, 3)); // somebody else's now
    CHECK(b.stores(user_va, user));
    b.activate(base_a);
    CHECK(b.reached(user_va) == 0);
    CHECK_FALSE(b.loads(user_va, user));
    b.activate(base_b);
    CHECK(b.stores(user_va, user));
}

TEST_CASE("a flush of a table that is not cached leaves nothing of it behind")
{
    Shadow_bench b {64 * kib}; // two first-level tables
    b.activate(base_a);
    u32 const ap = GENERATE(1u, 3u);
    map(b, base_a, table_1, user_va, G::page(page_1, ap));
    b.ram.set_l2(table_1, user_va + 0x30000, G::page(page_3, ap));
    CHECK(b.stores(user_va, kernel));
    b.activate(base_b);
    b.activate(base_c); // base_a's is evicted
    b.ram.set_l2(table_1, user_va, 0);
    CHECK(b.shadow.resync(base_a, Va {user_va}, page_size) == 0);
    b.activate(base_a);
    CHECK(b.stores(user_va + 0x30000, kernel)); // links a table for the megabyte
    CHECK(b.reached(user_va) == 0);
}

TEST_CASE("a second-level page that is freed and used again shows nothing old")
{
    Shadow_bench b {256 * kib};
    u32 const ap = GENERATE(1u, 3u);
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, ap));
    b.ram.set_l2(table_1, user_va + 0x30000, G::page(page_2, ap));
    CHECK(b.stores(user_va, kernel));
    CHECK(b.stores(user_va + 0x30000, kernel));
    // the process ends: its table is cleared, the range flushed, the pages are freed
    b.ram.set_l1(base_a, user_va, 0);
    SECTION("flushed by its base") { CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0); }
    SECTION("flushed in all tables") { b.shadow.drop(Va {user_va}, mib); }
    SECTION("the base is forgotten")
    {
        b.activate(base_c);
        b.shadow.forget(base_a);
    }
    SECTION("the base in use is forgotten") { b.shadow.forget(base_a); }
    b.ram.set_l2(table_1, user_va, 0);
    map(b, base_b, table_1, user_va + 0x30000, G::page(page_3, ap));
    b.activate(base_b);
    CHECK(b.stores(user_va + 0x30000, kernel));
    CHECK(b.reached(user_va + 0x30000) == b.ram.physical(page_3));
    CHECK(b.reached(user_va) == 0);
}

TEST_CASE("kernel ranges flushed in all tables are gone from the ones that sleep")
{
    Shadow_bench b {256 * kib};
    for (u32 base : {base_a, base_b, base_c}) {
        b.ram.set_l1(base, kernel_va, G::table(table_1));
        b.ram.set_l2(table_1, kernel_va, G::page(page_1, 1));
        b.ram.set_l1(base, kernel_va + mib, G::section(ram + 0x300000, 1));
        b.activate(base);
        CHECK(b.stores(kernel_va, kernel));
        CHECK(b.stores(kernel_va + mib, kernel));
    }
    b.ram.set_l2(table_1, kernel_va, G::page(page_2, 1));
    for (u32 base : {base_a, base_b, base_c})
        b.ram.set_l1(base, kernel_va + mib, 0);
    u32 const size = GENERATE(2 * mib, 65 * mib, 0xffffffffu);
    b.shadow.drop(Va {kernel_va}, size);
    CHECK(hardware.stale().empty());
    for (u32 base : {base_a, base_b, base_c}) {
        b.activate(base);
        CHECK(b.reached(kernel_va) == 0);
        CHECK(b.reached(kernel_va + mib) == 0);
        CHECK(b.stores(kernel_va, kernel));
        CHECK(b.reached(kernel_va) == b.ram.physical(page_2));
    }
}

TEST_CASE("one page flushed in all tables goes alone")
{
    Shadow_bench b {256 * kib};
    for (u32 base : {base_a, base_b}) {
        map(b, base, table_1, kernel_va, G::page(page_1, 1));
        b.ram.set_l2(table_1, kernel_va + 0x1000, G::page(page_3, 1));
        b.activate(base);
        CHECK(b.stores(kernel_va, kernel));
        CHECK(b.stores(kernel_va + 0x1000, kernel));
    }
    b.ram.set_l2(table_1, kernel_va, G::page(page_2, 1));
    b.shadow.drop(Va {kernel_va + 0x123}, 1);
    CHECK(b.reached(kernel_va) == 0);
    CHECK(b.reached(kernel_va + 0x1000) != 0);
    b.activate(base_a);
    CHECK(b.reached(kernel_va) == 0);
}

TEST_CASE("tables that two bases share hold what both would get")
{
    Shadow_bench b {256 * kib};
    for (u32 base : {base_a, base_b})
        map(b, base, table_1, kernel_va, G::page(page_1, 1));
    b.activate(base_a);
    CHECK(b.stores(kernel_va, kernel));
    b.activate(base_b);
    CHECK(b.stores(kernel_va, kernel));
    b.ram.set_l2(table_1, kernel_va, G::page(page_2, 1));
    CHECK(b.shadow.resync(base_a, Va {kernel_va}, page_size) == 0);
    CHECK(hardware.stale().empty());
    CHECK(b.reached(kernel_va) == b.ram.physical(page_2));
}

TEST_CASE("a domain that one base closes stays closed though another base shares the table")
{
    Shadow_bench b {256 * kib};
    b.shadow.set_rights({0x5, false, false}); // domains 0 and 1
    for (u32 base : {base_a, base_b})
        map(b, base, table_1, kernel_va, G::page(page_1, 1), 1);
    for (u32 base : {base_b, base_a}) {
        b.activate(base);
        CHECK(b.stores(kernel_va, kernel));
    }
    b.ram.set_l1(base_a, kernel_va, G::table(table_1, 7));
    CHECK(b.shadow.resync(base_a, Va {kernel_va}, mib) == 0);
    CHECK(b.reached(kernel_va) == 0);
    b.activate(base_b);
    CHECK(b.stores(kernel_va, kernel));
    b.activate(base_a);
    CHECK(b.reached(kernel_va) == 0);
    CHECK(status_of(b, kernel_va, kernel) == 0x7b);
}

TEST_CASE("ranges reach to the top of the address space and not round it")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, 0xfffff000, G::page(page_1, 3));
    map(b, base_a, table_2, 0x00001000, G::page(page_3, 3));
    CHECK(b.stores(0xfffff000, user));
    CHECK(b.stores(0x00001000, user));
    b.ram.set_l2(table_1, 0xfffff000, 0);
    b.ram.set_l2(table_2, 0x00001000, 0);
    auto const [va, size] = GENERATE(table<u32, u32>({{0xfffff000, 0x1000},
                                                      {0xffffffff, 1},
                                                      {0xfffff800, 0x1000},
                                                      {0xfffff000, 0xffffffff},
                                                      {0xff800000, 0x2000000}}));
    bool const all = GENERATE(false, true);
    if (all)
        b.shadow.drop(Va {va}, size <= 64 * mib ? size : 64 * mib);
    else
        CHECK(b.shadow.resync(base_a, Va {va}, size) == 0);
    CHECK(b.reached(0xfffff000) == 0);
    CHECK(b.reached(0x00001000) == b.ram.physical(page_3));
}

TEST_CASE("a flush of nothing, or of an unknown table, does nothing")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    b.ram.set_l2(table_1, user_va, 0);
    CHECK(b.shadow.resync(base_a, Va {user_va}, 0) == 0);
    b.shadow.drop(Va {user_va}, 0);
    CHECK(b.shadow.resync(base_c, Va {user_va}, mib) == 0);
    b.shadow.forget(base_c);
    CHECK(b.reached(user_va) == b.ram.physical(page_1));
    CHECK(b.shadow.resync(base_a, Va {0}, 0xffffffff) == 0);
    CHECK(b.reached(user_va) == 0);
}

TEST_CASE("a flush is bounded, says what is left, and comes to an end")
{
    Shadow_bench b {4 * mib};
    b.activate(base_a);
    constexpr u32 count = 300, first = 0x10000000;
    for (u32 n = 0; n != count; ++n) {
        map(b, base_a, table_1, first + n * mib, G::page(page_1, 3));
        CHECK(b.stores(first + n * mib, user));
    }
    b.ram.set_l2(table_1, first, 0);
    u32 va = 0, size = 0xffffffff, calls = 0;
    for (u32 left = size; left; ++calls, size = left, va = 0xffffffff - left) {
        hardware.spent = 0;
        left = b.shadow.resync(base_a, Va {va}, size);
        REQUIRE(left < size);
        REQUIRE(hardware.spent < 20'000);
        if (left)
            REQUIRE(is_aligned(0xffffffff - left, mib));
    }
    CHECK(calls > 1);
    CHECK(calls < count);
    for (u32 n = 0; n != count; ++n)
        CHECK(b.reached(first + n * mib) == 0);
}
