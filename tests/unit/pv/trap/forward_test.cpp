// SPDX-License-Identifier: Apache-2.0
// Aborts that reach a guest's kernel though the core's fault registers no longer tell of them, or never have.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page, other = Trap_guest::other;
constexpr u32 user_frame = linear + 0x88000;
auto const entry = Trap_guest::entry;

} // namespace

TEST_CASE("what guest user's kernel is told of a fault stands, whatever storing the frame meets")
{
    Trap_bench b;
    u32 const kernel_only = user_page + 3 * page_size, va = 0x10000000; // nothing is mapped there
    bool const prefetch = GENERATE(false, true), guarded = GENERATE(false, true);
    u32 const frame = GENERATE_COPY(u32 {user_frame}, kernel_only + 0x100, other + 0xfe0);
    b.g().ram.set_l2(Trap_guest::user_table, kernel_only, G::page(Trap_guest::data + 0x3000, 1));
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(Trap_guest::data + 0x4000, 1)); // never touched
    b.g().ram.set_l2(Trap_guest::other_table, other + page_size, G::page(Trap_guest::data + 0x5000, 1));
    if (guarded)
        b.d().page.guard();
    b.g().go_user(frame, prefetch ? va : user_page);
    if (prefetch) {
        hardware.prefetch_abort(va, 0x5);
        b.prefetch_abort();
    } else {
        REQUIRE_FALSE(b.touch(va, true));
        b.data_abort();
    }
    b.resume();
    CHECK(b.regs().pc == entry(prefetch ? 2 : 3));
    CHECK(b.regs().r[0] == va);
    u32 const status = prefetch ? 0x5 : 0x5 | Guest_format::store;
    CHECK(b.regs().r[1] == status);
    CHECK(b.regs().r[2] == frame);
    CHECK((prefetch ? b.d().vcpu.cp15.ifsr : b.d().vcpu.cp15.dfsr) == status);
    CHECK(Pv_guest::kind.counters(b.d())[Counter::forwarded_fault] == 1);
    CHECK(Pv_guest::kind.counters(b.d())[prefetch ? Counter::prefetch_abort : Counter::data_abort] == 1);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
}

TEST_CASE("an asynchronous abort that comes in the hypervisor is the guest's for which it runs")
{
    Trap_bench b;
    constexpr u32 status = 0x8;
    bool const user = GENERATE(false, true);
    if (user)
        b.g().go_user(user_frame);
    u32 const pc = b.regs().pc;
    hardware.taken_abort = status;
    b.resume();
    CHECK(b.regs().pc == entry(user ? 3 : 7));
    CHECK(b.regs().r[0] == 0); // no address is known
    CHECK(b.regs().r[1] == status);
    CHECK(b.g().ram.word(b.regs().sp - linear + VAMBRACE_RAM_IPA + VAMBRACE_FRAME_PC) == pc);
    b.regs().pc = pc;
    b.resume();
    CHECK(b.regs().pc == pc); // once
}

TEST_CASE("an asynchronous abort that is on its way when the guest is left is not the next guest's")
{
    Trap_bench b {2};
    u32 const pc = b.regs().pc, next_pc = b.guests[1]->regs().pc;
    this_cpu().block(b.d().vcpu);
    hardware.pending_abort = 0x8;
    b.resume();
    REQUIRE(this_cpu().current() == &b.guests[1]->domain.vcpu);
    CHECK(b.guests[1]->regs().pc == next_pc);
    CHECK(b.regs().pc == pc);
    this_cpu().wake(b.d().vcpu);
    this_cpu().block(b.guests[1]->domain.vcpu);
    b.resume();
    REQUIRE(this_cpu().current() == &b.d().vcpu);
    CHECK(b.regs().pc == entry(7));
    CHECK(b.regs().r[1] == 0x8);
}
