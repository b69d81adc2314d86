// SPDX-License-Identifier: Apache-2.0
// Shadow tables, case by case: rights, the status of a fault, and pages that are the kernel's alone.
#include <catch2/catch.hpp>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;
using Kind = Fill::Kind;

TEST_CASE("AP=00 follows S and R, and no right outlives a change of them")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 0));
    b.ram.set_l1(base_a, user_va + mib, G::section(page_1 & 0xfff00000, 0));
    u32 const va = GENERATE(as<u32> {}, user_va, user_va + mib);
    auto const [s, r, kernel_reads, user_reads] =
        GENERATE(table<bool, bool, bool, bool>({{false, false, false, false},
                                                {true, false, true, false},
                                                {false, true, true, true},
                                                {true, true, false, false}}));
    b.shadow.set_rights({0x55555555, false, true}); // everybody reads
    b.use();
    CHECK(b.loads(va, user));
    b.shadow.set_rights({0x55555555, s, r});
    CHECK(b.reached(va) == 0 + (s == false && r ? b.reached(va) : 0));
    CHECK(b.loads(va, kernel) == kernel_reads);
    CHECK(b.loads(va, user) == user_reads);
    CHECK(b.loads(va, kernel) == kernel_reads);
    CHECK_FALSE(b.stores(va, kernel));
    CHECK_FALSE(b.stores(va, user));
}

TEST_CASE("a manager domain opens what AP forbids, until DACR says client again")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 0), 4);
    b.ram.set_l1(base_a, kernel_va, G::section(page_1 & 0xfff00000, 1, 4));
    b.shadow.set_rights({0x3u << 8, false, false});
    CHECK(b.stores(user_va, user));
    CHECK(b.stores(kernel_va, user));
    b.shadow.set_rights({0x1u << 8, false, false});
    CHECK(b.reached(user_va) == 0);
    CHECK(status_of(b, user_va, user) == 0x4f);
    CHECK(b.stores(kernel_va, kernel));
    CHECK_FALSE(b.loads(kernel_va, user));
    b.shadow.set_rights({0, false, false});
    CHECK(b.reached(kernel_va) == 0);
    CHECK(status_of(b, kernel_va, kernel) == 0x49);
    CHECK(status_of(b, user_va, kernel) == 0x4b);
}

TEST_CASE("a fault has the status that the core's own walk would give")
{
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, 0x10000000, 0xfffffe0 & 0x1e0); // nothing, domain 15
    b.ram.set_l1(base_a, 0x20000000, 0x13);              // a fine table
    b.ram.set_l1(base_a, 0x30000000, G::table(table_1, 2));
    b.ram.set_l1(base_a, 0x40000000, G::table(0x1000, 2)); // a table that is not in RAM
    b.ram.set_l1(base_a, 0x50000000, G::table(b.ram.end() - 0x400, 3));
    b.ram.set_l1(base_a, 0x60000000, G::section(page_1 & 0xfff00000, 1, 1));
    CHECK(status_of(b, 0x10000000, kernel) == 0xf5);
    CHECK(status_of(b, 0x20000000, kernel) == 0x05);
    CHECK(status_of(b, 0x30000000, kernel) == 0x27);
    CHECK((status_of(b, 0x40000000, kernel) & 0xf) == 0xe);
    CHECK(status_of(b, 0x50000000, kernel) == 0x37);
    CHECK(status_of(b, 0x60000000, user) == 0x1d);
    b.activate(0x10000); // a base that is not in RAM
    CHECK((status_of(b, 0x10000000, kernel) & 0xf) == 0xc);
}

TEST_CASE("in a megabyte of both, kernel-only pages are gone before guest user runs")
{
    Shadow_bench b;
    b.activate(base_a);
    constexpr u32 top = 0xfff00000;
    b.ram.set_l1(base_a, top, G::table(table_1));
    b.ram.set_l2(table_1, 0xffff0000, G::page(page_1, 2)); // the vectors page: user may read
    for (u32 n = 0; n != 20; ++n)
        b.ram.set_l2(table_1, top + n * page_size, G::page(page_2 + n * page_size, 1));
    SECTION("user first") { CHECK(b.loads(0xffff0000, user)); }
    SECTION("kernel first") { CHECK(b.stores(top, kernel)); }
    CHECK(b.stores(top, kernel));
    CHECK(b.loads(0xffff0000, user));
    for (u32 n = 0; n != 20; ++n) // more than any list of them
        CHECK(b.stores(top + n * page_size, kernel));
    CHECK(b.loads(0xffff0000, kernel));
    CHECK(b.loads(0xffff0000, user));
    for (u32 n = 0; n != 20; ++n)
        CHECK(b.reached(top + n * page_size, false, user) == 0);
    CHECK(b.stores(top, kernel));
}

TEST_CASE("a kernel-only page that is flushed and filled again and again is there each time")
{
    Shadow_bench b;
    b.activate(base_a);
    constexpr u32 top = 0xfff00000;
    b.ram.set_l1(base_a, top, G::table(table_1));
    b.ram.set_l2(table_1, 0xffff0000, G::page(page_1, 2));
    CHECK(b.loads(0xffff0000, user));
    for (u32 n = 0; n != 20; ++n) {
        b.ram.set_l2(table_1, top, G::page(page_2 + n * page_size, 1));
        b.shadow.drop(Va {top}, page_size);
        CHECK(b.stores(top, kernel));
    }
    CHECK(b.loads(0xffff0000, user));
    CHECK(b.reached(top, false, user) == 0);
}

TEST_CASE("a kernel-only page does not stay behind where its megabyte's table was given up meanwhile")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    b.ram.set_l2(table_1, user_va + 0x1000, G::page(page_2, 1));
    CHECK(b.loads(user_va, user));
    CHECK(b.stores(user_va + 0x1000, kernel));
    SECTION("switching tables and back")
    {
        b.activate(base_b);
        b.activate(base_a);
    }
    SECTION("a flush of it") { CHECK(b.shadow.resync(base_a, Va {user_va}, 0x2000) == 0); }
    SECTION("a flush of everything") { b.shadow.drop_all(); }
    SECTION("all tables taken by others")
    {
        for (u32 n = 1; n != 40; ++n) {
            map(b, base_a, table_2, user_va + n * mib, G::page(page_3, 3));
            CHECK(b.loads(user_va + n * mib, kernel));
        }
    }
    CHECK(b.loads(user_va, user));
    CHECK(b.reached(user_va + 0x1000, false, user) == 0);
}

TEST_CASE(
    "a store that a section of megabyte 0 forbids has a section's status, though it is filled page by page")
{
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, 0, G::section(ram + 0x200000, 2, 1));
    CHECK(b.loads(0x5000, user));
    CHECK_FALSE(b.stores(0x5000, user));
    Fill const f = b.shadow.fill(Va {0x5000}, user);
    CHECK(f.kind == Kind::unchanged);
    CHECK(f.status == 0x1d);
}
