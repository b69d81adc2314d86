// SPDX-License-Identifier: Apache-2.0
// A guest that uses regions which it shares: what it may not do there it is told as an external abort, and
// what the hypervisor does for it goes by its own rights.
#include <catch2/catch.hpp>
#include <pv/hypercall_answers.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 open_ipa = VAMBRACE_REGION_IPA, closed_ipa = open_ipa + VAMBRACE_REGION_SPACING;
constexpr u32 open_physical = 0x00600000, closed_physical = 0x00700000;
constexpr u32 user_page = Trap_guest::user_page, other = Trap_guest::other, linear = Trap_guest::linear;
constexpr u32 user_frame = Trap_guest::stack - 0x100;

/// From user_page + 8 KB on, and from `other` on: a window that can be written, and one that cannot. The
/// guest's tables let everybody write the former, and its kernel the latter.
struct Windows_bench : Trap_bench {
    static constexpr u32 open_user = user_page + 0x2000, closed_user = user_page + 0x3000;
    static constexpr u32 open_kernel = other, closed_kernel = other + 0x1000;

    Windows_bench()
    {
        open = hardware.add_memory(open_physical, page_size);
        closed = hardware.add_memory(closed_physical, page_size);
        d().windows.open({Ipa {open_ipa}, page_size, Frame::of(open_physical), true});
        d().windows.open({Ipa {closed_ipa}, page_size, Frame::of(closed_physical), false});
        d().shadow.show(d().windows);
        g().ram.set_l2(Trap_guest::user_table, open_user, G::page(open_ipa, 3));
        g().ram.set_l2(Trap_guest::user_table, closed_user, G::page(closed_ipa, 3));
        g().ram.set_l2(Trap_guest::other_table, open_kernel, G::page(open_ipa, 1));
        g().ram.set_l2(Trap_guest::other_table, closed_kernel, G::page(closed_ipa, 1));
    }
    u32 word_at(u32 va)
    {
        auto const outcome = hardware.access(va, false, Hardware::Mode::privileged);
        return outcome.ok() ? *hardware.memory(outcome.physical) : 0;
    }

    u32 *open, *closed;
};

} // namespace

TEST_CASE("a guest reads a window, and writes one that it may write")
{
    Windows_bench b;
    bool const in_user = GENERATE(false, true);
    b.open[1] = 0x1111, b.closed[1] = 0x2222;
    if (in_user)
        b.g().go_user(user_frame);
    u32 const open = in_user ? b.open_user : b.open_kernel,
              closed = in_user ? b.closed_user : b.closed_kernel;
    CHECK(b.run(open + 4, false));
    CHECK(b.run(open + 4, true));
    CHECK(b.run(closed + 4, false));
    CHECK(b.word_at(open + 4) == 0x1111);
    CHECK(b.word_at(closed + 4) == 0x2222);
}

TEST_CASE(
    "a store to a window that may only be read is an external abort, though the guest's tables allow it")
{
    Windows_bench b;
    bool const in_user = GENERATE(false, true), read_before = GENERATE(false, true);
    bool const learned = GENERATE(false, true); // the page's table is of the kind that is looked up quickly
    if (in_user)
        b.g().go_user(user_frame);
    if (learned)
        REQUIRE(b.run(user_page, false));
    u32 const va = in_user ? b.closed_user : b.closed_kernel;
    if (read_before)
        REQUIRE(b.run(va, false));
    CHECK_FALSE(b.run(va + 8, true));
    CHECK(b.d().runs());
    CHECK(b.regs().pc == Trap_guest::entry(in_user ? 3 : 7));
    CHECK((b.regs().r[1] & 0x40f) == G::external_page);
    CHECK((b.regs().r[1] & G::store) == G::store);
    CHECK(b.closed[2] == 0);
}

TEST_CASE("a store that the guest's tables forbid is a permission fault, in a window too")
{
    Windows_bench b;
    u32 const ipa = GENERATE(open_ipa + 0u, closed_ipa + 0u);
    b.g().ram.set_l2(Trap_guest::user_table, b.open_user, G::page(ipa, 2));
    b.g().go_user(user_frame);
    REQUIRE(b.run(user_page, false));
    REQUIRE(b.run(b.open_user, false));
    CHECK_FALSE(b.run(b.open_user, true));
    CHECK(b.regs().pc == Trap_guest::entry(3));
    CHECK((b.regs().r[1] & 0x40f) == 0xf);
}

TEST_CASE("calls take no window where the guest's RAM has to be")
{
    Windows_bench b;
    u32 const ipa = GENERATE(open_ipa + 0u, closed_ipa + 0u);
    using namespace answer;
    CHECK(b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), ipa) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(SET_LINEAR_MAP), 0xc0000000, ipa, mib) == inval);
    CHECK(b.call(VAMBRACE_FUNCTION(CACHE_OP), VAMBRACE_CACHE_PAGE, ipa, other) == inval);
    CHECK(b.d().vcpu.cp15.table() == Trap_guest::base);
}

TEST_CASE("a thread's pointer is not stored in a window")
{
    if (!arch::low_vectors)
        return; // it is a register
    Windows_bench b;
    u32 const table = Trap_guest::ram_ipa + 0x10800;
    b.g().ram.set_l1(Trap_guest::base, 0xfff00000, G::table(table));
    b.g().ram.set_l2(table, 0xffff0000, G::page(open_ipa, 3));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x1234) == answer::address);
    CHECK(b.open[0xff0 / 4] == 0);
    b.g().ram.set_l2(table, 0xffff0000, G::page(Trap_guest::data, 3));
    CHECK(b.call(VAMBRACE_FUNCTION(SET_TLS), 0x1234) == 0);
}

TEST_CASE(
    "what the hypervisor stores for a guest goes into a window that the guest may write, and into no other")
{
    Windows_bench b;
    CHECK(b.call(VAMBRACE_FUNCTION(COUNTERS_READ), b.open_kernel, 1) == 1);
    CHECK(b.call(VAMBRACE_FUNCTION(COUNTERS_READ), b.closed_kernel, 1) == answer::address);
    CHECK(b.closed[0] == 0);
    SECTION("a frame in one that it may write")
    {
        b.g().go_user(b.open_kernel + 0x100);
        b.svc();
        CHECK(b.regs().pc == Trap_guest::entry(0));
        CHECK(b.open[0x100 / 4 + 15] == user_page); // pc
        b.open[0x100 / 4 + 16] = 0x13 | 0x80;       // the other guest: SVC mode, and interrupts masked
        b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
        b.svc();
        CHECK((b.d().vcpu.context.regs.psr & 0xff) == psr::user);
    }
    SECTION("a frame in one that it may not")
    {
        b.g().go_user(b.closed_kernel + 0x100);
        b.svc();
        CHECK(b.regs().pc == Trap_guest::entry(9)); // a double fault
        CHECK(b.closed[0x100 / 4 + 15] == 0);
    }
}
