// SPDX-License-Identifier: Apache-2.0
// Shadow tables on a core with ASIDs: what a flush, an eviction or a change does to a table that is not in
// use has to
// reach the TLB, which still holds its entries.
#include <catch2/catch.hpp>
#include <functional>
#include <support/guest_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 ram = VAMBRACE_RAM_IPA;
constexpr u32 base_a = ram + 0x4000, base_b = ram + 0x8000;
constexpr u32 user_a = ram + 0x10000, user_b = ram + 0x10400, kernel_table = ram + 0x10800;
constexpr u32 page_1 = ram + 0x200000, page_2 = ram + 0x201000, page_3 = ram + 0x202000,
              page_4 = ram + 0x203000;
constexpr u32 user_va = 0x00105000, kernel_va = 0xd0003000;
constexpr Guest_mode kernel = Guest_mode::kernel, user = Guest_mode::user;

/// Two address spaces with a page each at the same address, and a kernel page that both see. All three are in
/// the
/// TLB; B is in use.
struct Two_spaces {
    With_asids asids {true};
    Shadow_bench b;

    explicit Two_spaces(bool linear = true) : b {64 * kib, linear}
    {
        for (u32 const base : {base_a, base_b}) {
            b.ram.set_l1(base, user_va, G::table(base == base_a ? user_a : user_b));
            b.ram.set_l1(base, kernel_va, G::table(kernel_table));
        }
        b.ram.set_l2(user_a, user_va, G::page(page_1, 3));
        b.ram.set_l2(user_b, user_va, G::page(page_2, 3));
        b.ram.set_l2(kernel_table, kernel_va, G::page(page_3, 1));
        for (u32 const base : {base_a, base_b, base_a, base_b})
            touch(base);
    }
    void touch(u32 base)
    {
        b.activate(base);
        REQUIRE(b.loads(user_va, user));
        REQUIRE(b.loads(kernel_va, kernel));
    }
    u32 seen(u32 base, u32 va)
    {
        b.activate(base);
        return b.loads(va) ? b.reached(va) : 0;
    }
    void resync(u32 base, u32 va, u32 size)
    {
        for (u32 left = size; left; size = left)
            left = b.shadow.resync(base, Va {va}, size);
    }
};

using Flush = std::function<void(Two_spaces &)>;
constexpr u32 megabyte = user_va & 0xfff00000;

} // namespace

TEST_CASE("ASIDs: a table switch keeps the TLB, and each address space sees its own")
{
    Two_spaces t;
    u32 const flushes = hardware.tlb_flushes;
    for (u32 n = 0; n != 4; ++n) {
        t.b.activate(base_a);
        CHECK(t.b.reached(user_va, false, user) == t.b.ram.physical(page_1));
        CHECK(t.b.reached(kernel_va) == t.b.ram.physical(page_3));
        t.b.activate(base_b);
        CHECK(t.b.reached(user_va, false, user) == t.b.ram.physical(page_2));
    }
    CHECK(hardware.tlb_flushes == flushes);
}

TEST_CASE("ASIDs: a flush that names a table that is not in use reaches what the TLB has of it")
{
    auto const [what, flush] = GENERATE(table<char const *, Flush>({
        {"a page", [](Two_spaces &t) { t.resync(base_a, user_va, page_size); }},
        {"a byte", [](Two_spaces &t) { t.resync(base_a, user_va + 5, 1); }},
        {"some pages", [](Two_spaces &t) { t.resync(base_a, user_va - page_size, 3 * page_size); }},
        {"a megabyte", [](Two_spaces &t) { t.resync(base_a, megabyte, mib); }},
        {"everything", [](Two_spaces &t) { t.resync(base_a, 0, 0xffffffff); }},
        {"drop of the page", [](Two_spaces &t) { t.b.shadow.drop(Va {user_va}, page_size); }},
        {"drop of the megabyte", [](Two_spaces &t) { t.b.shadow.drop(Va {megabyte}, mib); }},
        {"drop of everything", [](Two_spaces &t) { t.b.shadow.drop_all(); }},
        {"forget", [](Two_spaces &t) { t.b.shadow.forget(base_a); }},
    }));
    u32 const now = GENERATE(G::page(page_4, 3), G::page(page_4, 1), 0u, G::page(page_1, 2));
    bool const linear = GENERATE(true, false);
    INFO(what << ", the entry becomes " << std::hex << now << (linear ? ", linear map" : ""));
    Two_spaces t {linear};
    t.b.ram.set_l2(user_a, user_va, now);
    flush(t);
    CHECK(hardware.stale().empty());
    CHECK(t.seen(base_a, user_va) == (now ? t.b.ram.physical(now & 0xfffff000) : 0));
    CHECK(t.b.stores(user_va, user) == (now == G::page(page_4, 3)));
    CHECK(t.seen(base_b, user_va) == t.b.ram.physical(page_2));
    CHECK(hardware.stale().empty());
}

TEST_CASE("ASIDs: a megabyte that becomes something else is taken from every TLB entry of its table")
{
    u32 const now = GENERATE(0u, G::section(page_1 & 0xfff00000, 3), G::table(user_b));
    Two_spaces t;
    t.b.ram.set_l1(base_a, user_va, now);
    u32 const size = GENERATE(page_size, mib);
    t.resync(base_a, size == mib ? megabyte : user_va, size);
    CHECK(hardware.stale().empty());
    u32 const expected = now == 0                  ? 0
                         : now == G::table(user_b) ? page_2
                                                   : (page_1 & 0xfff00000) | (user_va & 0xff000);
    CHECK(t.seen(base_a, user_va) == (expected ? t.b.ram.physical(expected) : 0));
}

TEST_CASE("ASIDs: a page of a table that several address spaces share is changed in all of them at once")
{
    u32 const base = GENERATE(base_a, base_b);
    u32 const first = GENERATE(as<u32> {}, kernel_va, kernel_va - page_size),
              size = page_size * (first == kernel_va ? 1 : 3);
    INFO((base == base_a ? "A" : "B") << " " << size);
    Two_spaces t;
    t.b.ram.set_l2(kernel_table, kernel_va, G::page(page_4, 1));
    t.resync(base, first, size); // only one of them is named
    CHECK(hardware.stale().empty());
    CHECK(t.seen(base_a, kernel_va) == t.b.ram.physical(page_4));
    CHECK(t.seen(base_b, kernel_va) == t.b.ram.physical(page_4));
}

TEST_CASE("ASIDs: a first-level table that gives way to another base leaves nothing in the TLB")
{
    Two_spaces t;
    for (u32 n = 0; n != 12; ++n) { // more than the pool has
        u32 const base = ram + 0x100000 + n * 0x4000;
        t.b.ram.set_l1(base, user_va, G::table(n & 1 ? user_a : user_b));
        CHECK(t.seen(base, user_va) == t.b.ram.physical(n & 1 ? page_1 : page_2));
        CHECK(hardware.stale().empty());
    }
    CHECK(t.seen(base_a, user_va) == t.b.ram.physical(page_1));
    CHECK(t.seen(base_b, user_va) == t.b.ram.physical(page_2));
}

TEST_CASE("ASIDs: a change of rights is a change for the tables that are not in use as well")
{
    Two_spaces t;
    t.b.shadow.set_rights({0, false, false}); // every domain closed
    CHECK(hardware.stale().empty());
    t.b.activate(base_a);
    CHECK_FALSE(t.b.loads(user_va, user));
}

TEST_CASE("ASIDs: what only guest kernel may reach is gone from the TLB when guest user goes on")
{
    Two_spaces t;
    t.b.ram.set_l2(user_a, user_va + page_size,
                   G::page(page_4, 1)); // in a megabyte that guest user has a page of
    t.b.activate(base_a);
    REQUIRE(t.b.loads(user_va + page_size, kernel));
    t.b.activate(base_b);
    t.b.resume(user);
    t.b.trap();
    CHECK(hardware.stale().empty());
    t.b.activate(base_a);
    CHECK(t.b.reached(user_va + page_size, false, user) == 0);
    CHECK(t.b.reached(user_va, false, user) == t.b.ram.physical(page_1));
}
