// SPDX-License-Identifier: Apache-2.0
// Address spaces without a first-level table: they come back whole, every flush reaches them, and there may
// be more of them than anything has room for.
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <pv/shadow/shadow_places.hpp>

using namespace vambrace;
using namespace vambrace::shadow_places;
using G = Guest_ram;

namespace {

constexpr u32 many_bases = ram + 0x100000; ///< of address spaces that come and go
constexpr u32 base_of(u32 n) { return many_bases + n * 0x4000; }

/// One with a page in each of some megabytes, which are filled.
void make_space(Shadow_bench &b, u32 base, u32 megabytes, u32 frame = page_1)
{
    b.activate(base);
    for (u32 n = 0; n != megabytes; ++n) {
        map(b, base, table_1, user_va + n * mib, G::page(frame, 3));
        REQUIRE(b.stores(user_va + n * mib, user));
    }
}

/// Others take all first-level tables that a pool of 64 KB has.
void put_to_sleep(Shadow_bench &b, u32 base)
{
    for (u32 n = 0; b.shadow.table_of(base).ok(); ++n) {
        REQUIRE(n != 100);
        b.activate(base_of(n % 8));
    }
}

/// How many of the pages are there without a fault.
u32 there(Shadow_bench &b, u32 base, u32 megabytes)
{
    b.activate(base);
    u32 found = 0;
    for (u32 n = 0; n != megabytes; ++n)
        found += b.reached(user_va + n * mib, false, user) != 0;
    return found;
}

using Flush = std::function<void(Shadow_bench &)>;

} // namespace

TEST_CASE("an address space that gave its first-level table away comes back with all of its pages")
{
    int const asids = GENERATE(range(least_asids, 2));
    With_asids const with {asids != 0};
    u32 const megabytes = GENERATE(1u, 3u, 11u, 16u);
    Shadow_bench b;
    make_space(b, base_a, megabytes);
    put_to_sleep(b, base_a);
    CHECK(hardware.stale().empty());
    CHECK(there(b, base_a, megabytes) == megabytes);
    CHECK(hardware.stale().empty());
}

TEST_CASE("of more than 16 megabytes 16 come back, and the rest is filled again")
{
    u32 const megabytes = GENERATE(17u, 24u);
    Shadow_bench b;
    make_space(b, base_a, megabytes);
    put_to_sleep(b, base_a);
    CHECK(there(b, base_a, megabytes) == 16);
    for (u32 n = 0; n != megabytes; ++n)
        CHECK(b.stores(user_va + n * mib, user));
    put_to_sleep(b, base_a);
    CHECK(there(b, base_a, megabytes) == 16);
    CHECK(hardware.stale().empty());
}

TEST_CASE("a flush reaches an address space that has no first-level table")
{
    auto const [what, flush] = GENERATE(table<char const *, Flush>({
        {"a page", [](Shadow_bench &b) { (void)b.shadow.resync(base_a, Va {user_va}, page_size); }},
        {"a page at once", [](Shadow_bench &b) { b.shadow.resync_page(base_a, Va {user_va}); }},
        {"a page dropped", [](Shadow_bench &b) { b.shadow.drop_page(base_a, Va {user_va}); }},
        {"a megabyte", [](Shadow_bench &b) { (void)b.shadow.resync(base_a, Va {user_va}, mib); }},
        {"all", [](Shadow_bench &b) { (void)b.shadow.resync(base_a, Va {0}, 0xffffffff); }},
        {"a page of all", [](Shadow_bench &b) { b.shadow.drop(Va {user_va}, page_size); }},
        {"a megabyte of all", [](Shadow_bench &b) { b.shadow.drop(Va {user_va}, mib); }},
        {"everything", [](Shadow_bench &b) { b.shadow.drop_all(); }},
        {"forget", [](Shadow_bench &b) { b.shadow.forget(base_a); }},
        {"rights", [](Shadow_bench &b) { b.shadow.set_rights({0x55555551, false, false}); }},
    }));
    bool const section = GENERATE(false, true);
    int const asids = GENERATE(range(least_asids, 2));
    INFO(what << (section ? ", a section" : ", a page"));
    With_asids const with {asids != 0};
    Shadow_bench b;
    make_space(b, base_a, 2);
    if (section) {
        b.ram.set_l1(base_a, user_va, G::section(ram + 0x300000, 3));
        CHECK(b.shadow.resync(base_a, Va {user_va}, mib) == 0);
        REQUIRE(b.stores(user_va, user));
    }
    put_to_sleep(b, base_a);
    map(b, base_a, table_2, user_va, G::page(page_2, 3));
    flush(b);
    b.activate(base_a);
    u32 const reached = b.reached(user_va, false, user);
    CHECK((reached == 0 || reached == b.ram.physical(page_2)));
    CHECK(b.stores(user_va, user));
    CHECK(b.reached(user_va, false, user) == b.ram.physical(page_2));
    CHECK(hardware.stale().empty());
}

TEST_CASE("a table that several address spaces share is flushed in those that sleep")
{
    Shadow_bench b;
    for (u32 const base : {base_a, base_b}) {
        b.activate(base);
        map(b, base, table_1, kernel_va, G::page(page_1, 1));
        REQUIRE(b.stores(kernel_va, kernel));
    }
    put_to_sleep(b, base_a);
    b.ram.set_l2(table_1, kernel_va, G::page(page_2, 1));
    b.shadow.drop(Va {kernel_va}, GENERATE(page_size, mib));
    b.activate(base_a);
    CHECK(b.stores(kernel_va, kernel));
    CHECK(b.reached(kernel_va) == b.ram.physical(page_2));
}

TEST_CASE("more address spaces than a pool can remember all show their own pages")
{
    int const asids = GENERATE(range(least_asids, 2));
    With_asids const with {asids != 0};
    Shadow_bench b;
    constexpr u32 spaces = 60; // a pool of 64 KB remembers 15
    for (u32 n = 0; n != spaces; ++n) {
        u32 const table = table_1 + n * 1024;
        map(b, base_of(n), table, user_va, G::page(page_1 + 0x100000 + n * page_size, 3));
    }
    for (u32 round = 0; round != 3; ++round)
        for (u32 n = 0; n != spaces; ++n) {
            b.activate(base_of(n));
            REQUIRE(b.loads(user_va, user));
            REQUIRE(b.reached(user_va, false, user) == b.ram.physical(page_1 + 0x100000 + n * page_size));
            REQUIRE(hardware.stale().empty());
        }
}

TEST_CASE("a ring of processes that fits is filled once, whatever order of use its tables have")
{
    Shadow_bench b {256 * kib};
    constexpr u32 spaces = 40;
    for (u32 n = 0; n != spaces; ++n)
        make_space(b, base_of(n), 3);
    u32 const before = b.shadow.l1_evictions();
    for (u32 n = 0; n != spaces; ++n)
        CHECK(there(b, base_of(n), 3) == 3);
    CHECK(b.shadow.l1_evictions() - before > spaces / 2);
    CHECK(b.shadow.l2_evictions() == 0);
}

TEST_CASE("second-level tables take what first-level tables leave, and give it back")
{
    Shadow_bench b {256 * kib};
    for (u32 n = 0; n != 14; ++n)
        make_space(b, base_of(n), 1);
    make_space(b, base_a, 200); // 16 blocks: 2 stay, 14 have 224 second-level tables
    CHECK(there(b, base_a, 200) == 200);
    CHECK(b.shadow.l2_evictions() == 0);
    u32 with_table = 0;
    for (u32 n = 0; n != 14; ++n)
        with_table += b.shadow.table_of(base_of(n)).ok();
    CHECK(with_table == 1);
    b.activate(base_b);
    b.shadow.forget(base_a);
    u32 const before = b.shadow.l1_evictions();
    for (u32 n = 0; n != 12; ++n)
        b.activate(base_of(n));
    for (u32 n = 0; n != 12; ++n)
        CHECK(b.shadow.table_of(base_of(n)).ok());
    CHECK(b.shadow.l1_evictions() == before);
}

TEST_CASE("what is kept about a pool fits into what is said of it")
{
    u32 const size = GENERATE(64 * kib, 80 * kib, 256 * kib, 2 * mib, 4 * mib);
    hardware.reset();
    Fixed_memory const fixed;
    Memory const memory {Frame {0x02300}, mib};
    u32 *const pool = hardware.add_memory(0x08000000, size, true);
    std::vector<u8> bytes(Shadow::bookkeeping_size(size) + 64);
    auto *const begin = reinterpret_cast<u8 *>((reinterpret_cast<std::uintptr_t>(bytes.data()) + 63) & ~63ul);
    Arena arena {begin, begin + Shadow::bookkeeping_size(size)};
    auto const shadow = std::make_unique<Shadow>();
    CHECK(shadow->init({pool, 0x08000000, size, 1, 252}, memory, fixed.window, arch::vectors_table(0),
                       arena) == Error::none);
}
