// SPDX-License-Identifier: Apache-2.0
// Aborts of a core with short descriptors: DFSR's WnR and fifth status bit, IFSR and IFAR, the access flag.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page, other = Trap_guest::other;
constexpr u32 user_frame = linear + 0x88000;
auto const entry = Trap_guest::entry;

void set_access_flag_enable(Trap_bench &b)
{
    b.d().vcpu.cp15.sctlr |= arch::guest_sctlr::afe;
    b.d().update_mmu();
}

} // namespace

TEST_CASE("an access flag fault is the guest's, with its own status, and the page is there once it is set")
{
    Trap_bench b;
    bool const user = GENERATE(false, true), write = GENERATE(false, true);
    auto const [va, status] =
        GENERATE(table<u32, u32>({{user_page + 2 * page_size, 0x06}, {0x50000000, 0x53}}));
    b.g().ram.set_l2(Trap_guest::user_table, user_page + 2 * page_size, G::page(Trap_guest::data, 2));
    b.g().ram.set_l1(Trap_guest::base, 0x50000000, G::section(Trap_guest::ram_ipa, 2, 5));
    set_access_flag_enable(b);
    if (user)
        b.g().go_user(user_frame);
    CHECK_FALSE(b.run(va, write));
    u32 const told = status | (write ? 0x800 : 0); // DDI 0406C B4.1.52: WnR
    CHECK(b.regs().pc == entry(user ? 3 : 7));
    CHECK(b.regs().r[0] == va);
    CHECK(b.regs().r[1] == told);
    CHECK(b.d().vcpu.cp15.dfsr == told);
    CHECK(b.d().vcpu.cp15.dfar == va);
    b.g().ram.set_l2(Trap_guest::user_table, user_page + 2 * page_size, G::page(Trap_guest::data, 3));
    b.g().ram.set_l1(Trap_guest::base, 0x50000000, G::section(Trap_guest::ram_ipa, 3, 5));
    if (user) {
        b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
        b.svc();
    }
    CHECK(b.run(va, write));
}

TEST_CASE("a fetch from a page that is XN is a permission fault without a domain, and IFAR is its address")
{
    Trap_bench b;
    bool const user = GENERATE(false, true), section = GENERATE(false, true);
    u32 const va = section ? 0x50000000 : other + 0x1000;
    b.g().ram.set_l1(Trap_guest::base, 0x50000000, G::section(Trap_guest::ram_ipa, 3, 5) | G::xn_section);
    b.g().ram.set_l1(Trap_guest::base, other, G::table(Trap_guest::other_table, 5));
    b.g().ram.set_l2(Trap_guest::other_table, other + 0x1000, G::page(Trap_guest::data, 3) | G::xn_page);
    if (user)
        b.g().go_user(user_frame);
    REQUIRE(b.run(va, false));
    b.regs().pc = va - 2; // a Thumb instruction that ends on the page
    hardware.dacr = user ? arch::dacr_user : arch::dacr_kernel;
    auto const met = hardware.access(va, walk::Kind::fetch, Hardware::Mode::usr);
    hardware.dacr = arch::dacr_kernel;
    REQUIRE_FALSE(met.ok());
    hardware.prefetch_abort(va, met.fault);
    b.prefetch_abort();
    b.resume();
    CHECK(b.regs().pc == entry(user ? 2 : 6));
    CHECK(b.regs().r[0] == va);
    CHECK(b.regs().r[1] == (section ? 0xdu : 0xfu)); // DDI 0406C B4.1.96: no domain
    CHECK(b.d().vcpu.cp15.ifsr == (section ? 0xdu : 0xfu));
    CHECK(b.d().vcpu.cp15.ifar == va);
}

TEST_CASE("an abort that no instruction is to blame for has no address, and keeps its status of five bits")
{
    Trap_bench b;
    u32 const status = GENERATE(0x406u, 0x408u);     // DDI 0406C table B3-23: external, parity
    u32 const beside = GENERATE(0u, 0x20u, 0x1000u); // a domain of ours, ExT
    hardware.data_abort(0x1234, status | beside);
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == entry(7));
    CHECK(b.regs().r[0] == 0);
    CHECK(b.regs().r[1] == status);
    CHECK(b.d().vcpu.cp15.dfsr == status);
}

TEST_CASE("a status of five bits is not taken for an MMU fault that ends in the same four")
{
    Trap_bench b;
    u32 const status = GENERATE(0x409u, 0x40du); // a synchronous parity error; reserved, or lockdown
    u32 const write = GENERATE(0u, 0x800u);
    REQUIRE(b.run(user_page, true));
    hardware.data_abort(user_page, status | write);
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == entry(7));
    CHECK(b.regs().r[0] == user_page);
    CHECK(b.regs().r[1] == (status | write));
    CHECK(b.d().counters[Counter::hidden_fill] == 1); // that of run()
}

TEST_CASE("page 0 is the guest's to map where the vectors are in the window, and faults by its tables")
{
    Trap_bench b;
    bool const user = GENERATE(false, true);
    if (user)
        b.g().go_user(user_frame);
    SECTION("not mapped")
    {
        CHECK_FALSE(b.run(0x18, false));
        CHECK(b.regs().pc == entry(user ? 3 : 7));
        CHECK(b.regs().r[1] == 0x5);
    }
    SECTION("mapped")
    {
        b.g().ram.set_l1(Trap_guest::base, 0, G::section(Trap_guest::ram_ipa, 3));
        CHECK(b.run(0x18, true));
    }
}
