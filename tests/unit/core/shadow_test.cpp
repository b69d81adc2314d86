// SPDX-License-Identifier: Apache-2.0
// Shadow tables, case by case: what each kind of mapping, flush and eviction must and must not leave behind.
#include <catch2/catch.hpp>
#include <core/guest_bench.hpp>

using namespace vambrace;
using G = Guest_ram;
using Kind = Fill::Kind;

namespace {

constexpr u32 ram = VAMBRACE_RAM_IPA;
constexpr u32 base_a = ram + 0x4000, base_b = ram + 0x8000, base_c = ram + 0xc000;
constexpr u32 table_1 = ram + 0x10000, table_2 = ram + 0x10400, table_3 = ram + 0x10800;
constexpr u32 page_1 = ram + 0x200000, page_2 = ram + 0x201000, page_3 = ram + 0x202000;
constexpr u32 user_va = 0x00100000, kernel_va = 0xd0000000;
constexpr bool kernel = true, user = false;

/// A small page at va in base through table.
void map(Shadow_bench &b, u32 base, u32 table, u32 va, u32 entry, u32 domain = 0)
{
    b.ram.set_l1(base, va, G::table(table, domain));
    b.ram.set_l2(table, va, entry);
}

u32 status_of(Shadow_bench &b, u32 va, bool mode)
{
    Fill const f = b.shadow.fill(Va {va}, mode);
    REQUIRE(f.kind == Kind::fault);
    return f.status;
}

} // namespace

TEST_CASE("with the MMU off the guest kernel reaches its RAM by IPA and nothing else")
{
    Shadow_bench b {64 * kib, false};
    b.shadow.set_rights({1, false, false});
    CHECK(b.loads(ram + 0x1234));
    CHECK(b.reached(ram + 0x1234, true) == Shadow_bench::ram_physical + 0x1234);
    CHECK_FALSE(b.stores(ram, user));
    CHECK(b.shadow.fill(Va {ram - 4}, kernel).kind == Kind::no_memory);
    CHECK(b.shadow.fill(Va {ram + Shadow_bench::ram_size}, kernel).kind == Kind::no_memory);
    CHECK(b.shadow.fill(Va {0}, kernel).kind != Kind::filled);
    CHECK(b.shadow.fill(Va {VAMBRACE_WINDOW_BASE}, kernel).kind != Kind::filled);
}

TEST_CASE("a page is filled with its frame and its rights, and then it is there")
{
    bool const linear = GENERATE(true, false);
    Shadow_bench b {64 * kib, linear};
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::page(page_1, 3));
    CHECK(b.reached(user_va + 0x5000) == 0);
    CHECK(b.shadow.fill(Va {user_va + 0x5678}, user).kind == Kind::filled);
    CHECK(b.reached(user_va + 0x5678, true, user) == b.ram.physical(page_1) + 0x678);
    CHECK(b.shadow.fill(Va {user_va + 0x5678}, user).kind == Kind::unchanged);
    CHECK(b.shadow.fill(Va {user_va + 0x5000}, kernel).kind == Kind::unchanged);
}

TEST_CASE("a large page shows the 4 KB that the address names")
{
    Shadow_bench b;
    b.activate(base_a);
    b.ram.set_l1(base_a, user_va, G::table(table_1));
    b.ram.set_large(table_1, user_va + 0x20000,
                    G::large_page(ram + 0x210000, 0xe4)); // AP 0, 1, 2, 3 by 16 KB
    CHECK_FALSE(b.loads(user_va + 0x20000, kernel));
    CHECK(b.loads(user_va + 0x25000, kernel));
    CHECK_FALSE(b.loads(user_va + 0x25000, user));
    CHECK(b.loads(user_va + 0x29ffc, user));
    CHECK_FALSE(b.stores(user_va + 0x29ffc, user));
    CHECK(b.stores(user_va + 0x2f004, user));
    CHECK(b.reached(user_va + 0x2f004) == b.ram.physical(ram + 0x21f004));
}

TEST_CASE("each of the four subpages has its own right")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::small_page(page_1, 0xe4)); // AP0..3 = 0, 1, 2, 3
    u32 const va = user_va + 0x5000;
    for (int round = 0; round != 3; ++round) { // whoever came before
        CHECK_FALSE(b.loads(va, kernel));
        CHECK_FALSE(b.loads(va + 0x400, user));
        CHECK(b.loads(va + 0x800, user));
        CHECK(b.stores(va + 0x400, kernel));
        CHECK_FALSE(b.stores(va + 0x800, user));
        CHECK_FALSE(b.stores(va + 0x800, kernel)); // docs/abi.md 2: the user's rights
        CHECK(b.stores(va + 0xc00, user));
        CHECK(b.stores(va + 0xc00, kernel));
    }
}

TEST_CASE("guest user goes on in a page whose other subpages are the kernel's")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va + 0x5000, G::small_page(page_1, 0x57)); // AP0 = 11, the others 01
    CHECK(b.loads(user_va + 0x5000, user));
    CHECK(b.stores(user_va + 0x53fc, user));
    CHECK_FALSE(b.loads(user_va + 0x5400, user));
    CHECK(b.stores(user_va + 0x5400, kernel));
    CHECK(b.loads(user_va + 0x5000, user));
    CHECK(b.reached(user_va + 0x5400, false, user) == 0);
}

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

TEST_CASE("memory that is not the guest's is never mapped")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const ipa =
        GENERATE(0u, 0x02300000u, 0x08000000u, 0x20000000u, ram - 0x100000, ram + 8 * mib, 0xfff00000u);
    u32 const ap = GENERATE(1u, 3u);
    b.ram.set_l1(base_a, user_va, G::section(ipa, ap));
    CHECK(b.shadow.fill(Va {user_va}, kernel).kind == Kind::no_memory);
    CHECK(b.reached(user_va) == 0);
    map(b, base_a, table_1, user_va + mib, G::page(ipa + 0x3000, ap));
    Fill const f = b.shadow.fill(Va {user_va + mib + 0x123}, kernel);
    CHECK(f.kind == Kind::no_memory);
    CHECK(f.ipa == Ipa {ipa + 0x3123});
    CHECK(b.reached(user_va + mib) == 0);
    b.ram.set_l1(base_a, 0, G::section(ipa, ap)); // page by page
    CHECK(b.shadow.fill(Va {0x5000}, kernel).kind == Kind::no_memory);
}

TEST_CASE("the hypervisor's part and page 0 are not the guest's, whatever its tables say")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const va = GENERATE(0u, 0xfffu, 0xff000000u, 0xff001000u, 0xff002000u, 0xff100000u, 0xff7fffffu);
    SECTION("a section") { b.ram.set_l1(base_a, va, G::section(ram, 3)); }
    SECTION("a page") { map(b, base_a, table_1, va, G::page(page_1, 3)); }
    u32 const before = b.reached(va, false, kernel);
    CHECK(b.shadow.fill(Va {va}, kernel).kind == Kind::fault);
    CHECK(b.shadow.fill(Va {va}, user).kind == Kind::fault);
    CHECK(b.reached(va, false, kernel) == before);
    CHECK(b.reached(va, false, user) == 0);
}

TEST_CASE("page 0's neighbours are the guest's, and the vectors stay beside them")
{
    Shadow_bench b;
    b.activate(base_a);
    SECTION("pages")
    {
        b.ram.set_l1(base_a, 0, G::table(table_1));
        for (u32 va = 0; va != 0x10000; va += 0x1000)
            b.ram.set_l2(table_1, va, G::page(page_1 + va, 3));
        CHECK(b.stores(0x1000, user));
        CHECK(b.reached(0x1000) == b.ram.physical(page_1 + 0x1000));
    }
    SECTION("a section, of which only page 0 is missing")
    {
        b.ram.set_l1(base_a, 0, G::section(ram + 0x200000, 3));
        CHECK(b.stores(0x1000, user));
        CHECK(b.stores(0xff000, user));
    }
    auto const vectors = hardware.access(0x18, false, Hardware::Mode::privileged);
    CHECK(vectors.physical == arch::vectors_frame + 0x18);
    b.shadow.drop(0, mib);
    CHECK(hardware.access(0x18, false, Hardware::Mode::privileged).physical == arch::vectors_frame + 0x18);
    CHECK(b.stores(0x1000, user));
    CHECK(b.shadow.resync(base_a, 0, 0x2000) == 0);
    CHECK(hardware.access(0x18, false, Hardware::Mode::privileged).physical == arch::vectors_frame + 0x18);
    CHECK(b.reached(0x18, false, user) == 0);
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
        b.shadow.drop(top, page_size);
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
    SECTION("a flush of it") { CHECK(b.shadow.resync(base_a, user_va, 0x2000) == 0); }
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

TEST_CASE("a flush takes over what the guest has changed")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    SECTION("another frame")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_2, 3));
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va, true, user) == b.ram.physical(page_2));
        CHECK(b.shadow.resynced() == 1);
        CHECK(b.shadow.resync(base_a, user_va, mib) == 0);
        CHECK(b.shadow.resynced() == 1); // nothing was left to change
    }
    SECTION("fewer rights")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_1, 2));
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK_FALSE(b.stores(user_va, user));
        CHECK(b.loads(user_va, user));
    }
    SECTION("the kernel's alone")
    {
        b.ram.set_l2(table_1, user_va, G::page(page_1, 1));
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK_FALSE(b.loads(user_va, user));
        CHECK(b.loads(user_va, kernel));
        CHECK(b.reached(user_va, false, user) == 0);
    }
    SECTION("nothing any more")
    {
        b.ram.set_l2(table_1, user_va, 0);
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK_FALSE(b.loads(user_va, user));
    }
    SECTION("a page that is not RAM")
    {
        b.ram.set_l2(table_1, user_va, G::page(0x20000000, 3));
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK(b.reached(user_va) == 0);
    }
    SECTION("a section instead of the table, and back")
    {
        b.ram.set_l1(base_a, user_va, G::section(ram + 0x300000, 3));
        CHECK(b.shadow.resync(base_a, user_va, mib) == 0);
        CHECK(b.stores(user_va + 0x4000, user));
        CHECK(b.reached(user_va + 0x4000) == b.ram.physical(ram + 0x304000));
        b.ram.set_l1(base_a, user_va, G::table(table_1));
        CHECK(b.shadow.resync(base_a, user_va, mib) == 0);
        CHECK(b.reached(user_va + 0x4000) == 0);
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va) == b.ram.physical(page_1));
    }
    SECTION("another table")
    {
        map(b, base_a, table_2, user_va, G::page(page_3, 3));
        CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
        CHECK(b.reached(user_va) != b.ram.physical(page_1));
        CHECK(b.stores(user_va, user));
        CHECK(b.reached(user_va) == b.ram.physical(page_3));
    }
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
    CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
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
    CHECK(b.shadow.resync(base_a, user_va, page_size) == 0);
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
    SECTION("flushed by its base") { CHECK(b.shadow.resync(base_a, user_va, mib) == 0); }
    SECTION("flushed in all tables") { b.shadow.drop(user_va, mib); }
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
    b.shadow.drop(kernel_va, size);
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
    b.shadow.drop(kernel_va + 0x123, 1);
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
    CHECK(b.shadow.resync(base_a, kernel_va, page_size) == 0);
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
    CHECK(b.shadow.resync(base_a, kernel_va, mib) == 0);
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
        b.shadow.drop(va, size <= 64 * mib ? size : 64 * mib);
    else
        CHECK(b.shadow.resync(base_a, va, size) == 0);
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
    CHECK(b.shadow.resync(base_a, user_va, 0) == 0);
    b.shadow.drop(user_va, 0);
    CHECK(b.shadow.resync(base_c, user_va, mib) == 0);
    b.shadow.forget(base_c);
    CHECK(b.reached(user_va) == b.ram.physical(page_1));
    CHECK(b.shadow.resync(base_a, 0, 0xffffffff) == 0);
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
        left = b.shadow.resync(base_a, va, size);
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

TEST_CASE("one instruction that needs six megabytes goes on under the smallest pool")
{
    Shadow_bench b {64 * kib};
    b.activate(base_a);
    u32 const before = GENERATE(range(0u, 70u, 3u)); // whatever the pool's state
    constexpr u32 first = 0x10000000;
    for (u32 n = 0; n != 80; ++n)
        map(b, base_a, table_1, first + n * mib, G::page(page_1, 3));
    for (u32 n = 0; n != before; ++n)
        CHECK(b.stores(first + n * mib, user));
    if (before % 2)
        CHECK(b.shadow.resync(base_a, first + 5 * mib, 3 * mib) == 0);
    u32 const pages[] = {first + 71 * mib, first + 2 * mib,  first + 74 * mib,
                         first + 3 * mib,  first + 76 * mib, first};
    unsigned faults = 0;
    for (unsigned n = 0; n != 6;) {
        b.resume(user);
        bool const ok = hardware.access(pages[n], true, Hardware::Mode::usr).ok();
        b.trap();
        if (ok) {
            ++n;
            continue;
        }
        REQUIRE(b.shadow.fill(Va {pages[n]}, user).kind == Kind::filled);
        REQUIRE(++faults < 20);
        n = 0; // the instruction starts again
    }
    CHECK(faults <= 8);
}

TEST_CASE("the linear map is there in every table, for the guest kernel alone")
{
    Shadow_bench b;
    u32 const linear = Shadow_bench::linear_va;
    for (u32 base : {base_a, base_b, base_c, base_a}) {
        b.activate(base);
        CHECK(b.reached(linear + 0x5678, true) == b.ram.physical(ram + 0x5678));
        CHECK(b.reached(linear + Shadow_bench::ram_size) == 0);
        CHECK(b.reached(linear, false, user) == 0);
    }
    b.shadow.drop(linear, mib);
    CHECK(b.shadow.resync(base_a, linear, mib) == 0);
    b.shadow.forget(base_a);
    b.shadow.drop_all();
    CHECK(b.reached(linear + 0x5678, true) == b.ram.physical(ram + 0x5678));
    b.shadow.set_linear_map({});
    CHECK(b.reached(linear) == 0);
}

TEST_CASE("what the guest maps into its linear map's place ends no instruction in a loop")
{
    Shadow_bench b;
    b.activate(base_a);
    u32 const va = Shadow_bench::linear_va + GENERATE(0u, 0x10000u, 0x200000u);
    u32 const ap = GENERATE(0u, 1u, 2u, 3u);
    bool const mode = GENERATE(kernel, user), write = GENERATE(false, true);
    map(b, base_a, table_1, va, G::page(page_1, ap));
    b.access(va, write, mode);
    b.access(va + mib, write, mode);
    b.access(va, write, mode);
    if (mode == user) {
        CHECK((b.reached(va, false, user) == 0 || ap >= 2));
    }
}

TEST_CASE("after a restart the guest starts with its MMU off and nothing of before")
{
    Shadow_bench b;
    b.activate(base_a);
    map(b, base_a, table_1, user_va, G::page(page_1, 3));
    CHECK(b.stores(user_va, user));
    b.shadow.set_linear_map({});
    b.shadow.restart();
    b.shadow.set_rights({1, false, false});
    b.use();
    CHECK(b.reached(user_va) == 0);
    CHECK(b.stores(ram, kernel));
    b.activate(base_a);
    CHECK(b.reached(user_va) == 0);
}

TEST_CASE("a pool that is too small is refused")
{
    hardware.reset();
    Fixed_memory const fixed;
    Memory const memory {Frame {0x02300}, mib};
    u32 *const pool = hardware.add_memory(0x08000000, 64 * kib, true);
    std::vector<u8> bytes(64 * kib);
    Arena arena {bytes.data(), bytes.data() + bytes.size()};
    Shadow shadow;
    CHECK(shadow.init({pool, 0x08000000, 48 * kib, 1}, memory, fixed.window, arch::vectors_table(0), arena) ==
          Error::inval);
    Arena used_up {bytes.data(), bytes.data() + 8};
    CHECK(shadow.init({pool, 0x08000000, 64 * kib, 1}, memory, fixed.window, arch::vectors_table(0),
                      used_up) == Error::denied);
}
