// SPDX-License-Identifier: Apache-2.0
// Aborts: hidden, emulated, or given to the guest as the bare core would.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 linear = Trap_guest::linear, user_page = Trap_guest::user_page, other = Trap_guest::other;
constexpr u32 user_frame = linear + 0x88000;
auto const entry = Trap_guest::entry;

/// The guest kernel sees the device's page at `other`.
void map_ipa(Trap_bench &b, u32 ipa, u32 ap = 1)
{
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(ipa, ap));
}

/// One data abort of the guest, answered.
void abort(Trap_bench &b, u32 va, bool write)
{
    REQUIRE_FALSE(b.touch(va, write));
    b.data_abort();
    b.resume();
}

} // namespace

TEST_CASE("a fault on what the guest has mapped is hidden")
{
    Trap_bench b;
    bool const user = GENERATE(false, true);
    if (user)
        b.g().go_user(user_frame);
    Trap_regs const before = b.regs();
    CHECK(b.run(user_page, true));
    CHECK(b.regs().pc == before.pc);
    CHECK(b.regs().r[0] == before.r[0]);
    CHECK(b.d().counters[Counter::hidden_fill] == 1);
    CHECK(b.d().counters[Counter::forwarded_fault] == 0);
    CHECK(b.touch(user_page, true));
}

TEST_CASE("a fault by the guest's own tables reaches it with the status of its own walk")
{
    Trap_bench b;
    b.g().ram.set_l1(Trap_guest::base, 0x20000000, G::table(Trap_guest::other_table, 3));
    b.g().ram.set_l1(Trap_guest::base, 0x30000000, G::section(Trap_guest::ram_ipa, 1, 5));
    b.g().ram.set_l1(Trap_guest::base, 0x40000000, G::section(Trap_guest::ram_ipa, 3, 14));
    b.d().vcpu.cp15.dacr = 0x45555555; // domain 14 is closed
    b.d().update_mmu();
    auto const [va, write, user, status] = GENERATE(table<u32, bool, bool, u32>({
        {0x10000000, false, true, 0x05},
        {0x10000000, true, false, 0x05},
        {0x20001000, false, true, 0x37},
        {0x30000000, false, true, 0x5d}, // the kernel's section
        {linear, true, true, 0x0d},
        {0x40000000, false, false, 0xe9},           // the domain
        {user_page + page_size, true, true, 0x0f},  // a store to a read-only page
        {user_page + page_size, true, false, 0x0f}, // for the kernel too: docs/abi.md section 2
    }));
    if (user)
        b.g().go_user(user_frame);
    u32 const r1 = b.regs().r[1];
    b.shared().irq_mask = 0;
    CHECK_FALSE(b.run(va, write));
    if (user) {
        vambrace_frame const &frame = b.g().frame_at(user_frame);
        CHECK(frame.psr == 0x10);
        CHECK(frame.pc == user_page);
        CHECK(frame.r[1] == r1);
        CHECK(frame.orig_r0 == frame.r[0]);
        CHECK(b.regs().sp == user_frame);
    }
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK_FALSE(b.d().vcpu.in_user());
    CHECK(b.regs().pc == entry(user ? 3 : 7));
    CHECK(b.regs().r[0] == va);
    CHECK(b.regs().r[1] == (status | (write ? G::store : 0)));
    CHECK(G::fault_address(b.d().vcpu.cp15) == va);
    CHECK(b.d().vcpu.cp15.dfsr == (status | (write ? G::store : 0)));
}

TEST_CASE("a page that forbids an access is the guest's business until it flushes it")
{
    Trap_bench b;
    u32 const va = user_page + page_size;
    b.g().go_user(user_frame);
    REQUIRE(b.run(va, false));
    b.g().ram.set_l2(Trap_guest::user_table, va, G::page(Trap_guest::data + page_size, 3));
    CHECK_FALSE(b.run(va, true)); // as a TLB would do
    CHECK(b.regs().r[1] == (0x0f | G::store));
    CHECK(b.d().vcpu.context.pending.attention == 0);
    bool const copied = GENERATE(false, true); // to another frame, with an entry that is absent meanwhile
    if (copied)
        b.g().ram.set_l2(Trap_guest::user_table, va, 0);
    CHECK(b.call(VAMBRACE_FUNCTION(TLB_FLUSH), Trap_guest::base, va, page_size) == 0);
    b.g().ram.set_l2(Trap_guest::user_table, va, G::page(Trap_guest::data + (copied ? 2 : 1) * page_size, 3));
    b.regs().r[0] = VAMBRACE_FUNCTION(RETURN);
    b.svc();
    CHECK(b.d().vcpu.in_user());
    CHECK(b.touch(va, true));
}

TEST_CASE("a fault of guest user whose frame cannot be stored is a double fault on the quick way as well")
{
    Trap_bench b;
    b.g().go_user(other + 0x100); // nothing is mapped there
    CHECK_FALSE(b.run(0x10000000, true));
    CHECK(b.regs().pc == entry(9));
    CHECK(b.regs().r[0] == other + 0x100);
}

TEST_CASE("the hypervisor's part and page 0 look unmapped to both modes")
{
    Trap_bench b;
    bool const user = GENERATE(false, true), mapped = GENERATE(false, true);
    auto const va = GENERATE(filter(bad_everywhere, values({0u, 0xffcu, 0xff002000u, 0xff100000u, 0xff200000u,
                                                            0xff300000u, 0xff400000u, 0xff7ffffcu})));
    if (mapped) // whatever the guest's tables say
        b.g().ram.set_l1(Trap_guest::base, va, G::section(Trap_guest::ram_ipa, 3));
    if (user)
        b.g().go_user(user_frame);
    CHECK_FALSE(b.run(va, true));
    CHECK(b.regs().pc == entry(user ? 3 : 7));
    CHECK(b.regs().r[0] == va);
    CHECK((b.regs().r[1] & 0xd) == 0x5);
}

TEST_CASE("guest user does not reach the shared page or the counter, nor does the kernel write the counter")
{
    Trap_bench b;
    CHECK(b.touch(VAMBRACE_SHARED_VA, true));
    CHECK(b.touch(VAMBRACE_COUNTER_VA, false));
    CHECK_FALSE(b.touch(VAMBRACE_COUNTER_VA, true));
    b.g().go_user(user_frame);
    u32 const va = GENERATE(VAMBRACE_SHARED_VA, VAMBRACE_COUNTER_VA);
    CHECK_FALSE(b.run(va, false));
    CHECK((b.regs().r[1] & 0xd) == 0x5);
}

TEST_CASE("an access where nothing answers has the external abort of a bus")
{
    Trap_bench b;
    u32 const ipa = GENERATE(0u, 0x10000000u, Trap_guest::ram_ipa + Trap_guest::ram_size, 0xfffff000u);
    SECTION("a page")
    {
        map_ipa(b, ipa);
        b.place(0xe5901000); // ldr r1, [r0]
        abort(b, other + 8, false);
        CHECK(b.regs().r[0] == other + 8);
    }
    SECTION("a section")
    {
        b.g().ram.set_l1(Trap_guest::base, 0x50000000, G::section(ipa & 0xfff00000, 1));
        b.place(0xe5901000);
        abort(b, 0x50000008, false);
        CHECK(b.regs().r[0] == 0x50000008);
    }
    CHECK(b.regs().pc == entry(7));
    CHECK((b.regs().r[1] & 0xd) == 0x8);
}

TEST_CASE("a store to the UART's page is emulated, and the guest goes on behind it")
{
    Trap_bench b;
    u32 const opcode = GENERATE(0xe5801000u, 0xe5c01000u, 0xe1c010b0u); // str, strb, strh r1, [r0]
    map_ipa(b, VAMBRACE_PL011_IPA);
    u32 const pc = b.regs().pc;
    b.place(opcode);
    b.regs().r[0] = other;
    b.regs().r[1] = 'x';
    abort(b, other, true);
    CHECK(b.regs().pc == pc + 4);
    CHECK(b.d().counters[Counter::mmio] == 1);
    CHECK(fake_board.output.find('x') != std::string::npos);
}

TEST_CASE("a load from the UART's page reads its register")
{
    Trap_bench b;
    map_ipa(b, VAMBRACE_PL011_IPA);
    u32 const pc = b.regs().pc;
    b.place(0xe5901018); // ldr r1, [r0, #0x18]: FR
    b.regs().r[0] = other;
    abort(b, other + 0x18, false);
    CHECK(b.regs().pc == pc + 4);
    CHECK(b.regs().r[1] == (0x90u | 7)); // empty both ways, modem ready
}

TEST_CASE("what cannot be decoded at the UART's page is an external abort")
{
    Trap_bench b;
    map_ipa(b, VAMBRACE_PL011_IPA);
    // ldc, nop, ldmia r0, {r0-r2}^, ldrt is fine but not this: a load of another address
    u32 const opcode = GENERATE(0xedd00b00u, 0xe1a00000u, 0xe8d00007u, 0xffffffffu);
    b.place(opcode);
    b.regs().r[0] = other;
    abort(b, other, false);
    CHECK(b.regs().pc == entry(7));
    CHECK(b.regs().r[1] == G::external_page);
}

TEST_CASE("an instruction of guest user that is read for the device opens no page of the kernel's to it")
{
    Trap_bench b;
    u32 const device = user_page + 2 * page_size, kernel_only = user_page + 3 * page_size;
    b.g().ram.set_l2(Trap_guest::user_table, device, G::page(VAMBRACE_PL011_IPA, 3));
    b.g().ram.set_l2(Trap_guest::user_table, kernel_only, G::page(Trap_guest::data + 0x3000, 1));
    b.g().ram.word(Trap_guest::data + 0x3000) = 0xe5901018; // ldr r1, [r0, #0x18]
    b.g().go_user(user_frame, kernel_only);                 // as an instruction cache may hold it yet
    b.regs().r[0] = device;
    REQUIRE(b.run(user_page, false)); // a megabyte of guest user's
    REQUIRE_FALSE(b.touch(device + 0x18, false));
    b.data_abort();
    (void)resume(b.r());
    REQUIRE(b.d().vcpu.in_user());
    CHECK(b.regs().pc == kernel_only + 4);
    CHECK_FALSE(b.touch(kernel_only, false));
}

TEST_CASE("the opcode that is read again is not trusted: it reaches the device's page and nothing else")
{
    Trap_bench b;
    map_ipa(b, VAMBRACE_PL011_IPA);
    u32 const target = GENERATE(linear + 0x1000, 0u, 0xff000000u, 0xff100000u, other + page_size, other - 4);
    b.place(0xe5801000); // str r1, [r0]: by now r0 names something else
    b.regs().r[0] = target;
    b.regs().r[1] = 0xdeadbeef;
    u32 const word = b.g().word(linear + 0x1000);
    abort(b, other, true);
    CHECK(b.regs().pc == entry(7));
    CHECK(b.g().word(linear + 0x1000) == word);
    CHECK(b.shared().irq_mask == VAMBRACE_IRQS_MASKED);
    CHECK(b.d().runs());
}

TEST_CASE("alignment faults and external aborts are the guest's, with its own status")
{
    Trap_bench b;
    u32 const status = GENERATE(0x1u, 0x3u, 0x8u, 0xau, 0xcu, 0xeu);
    hardware.dfsr = status | 0x20; // our domain number is not the guest's business
    hardware.far = 0x1003;
    b.data_abort();
    b.resume();
    CHECK(b.regs().pc == entry(7));
    CHECK(b.regs().r[0] == 0x1003);
    CHECK(b.regs().r[1] == status);
}

TEST_CASE("code is filled, or its prefetch abort is the guest's")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    hardware.prefetch_abort(user_page, 0x7);
    handle_prefetch_abort(b.r());
    b.resume();
    CHECK(b.regs().pc == user_page);
    CHECK(b.touch(user_page, false));
    u32 const pc = GENERATE(0x10000000u, 0u, 0xff000000u, 0xff200000u, 0xffff0000u);
    b.regs().pc = pc;
    hardware.prefetch_abort(pc, 0x7);
    handle_prefetch_abort(b.r());
    b.resume();
    CHECK(b.regs().pc == entry(2));
    CHECK(b.regs().r[0] == pc);
    CHECK((b.regs().r[1] & 0xd) == 0x5);
    CHECK(b.g().frame_at(b.regs().sp).pc == pc);
}

TEST_CASE("the same access is not tried for ever: the guest hears of it")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    REQUIRE(b.run(user_page, true));
    u32 const pc = b.regs().pc;
    unsigned tries = 0;
    for (; b.regs().pc == pc && tries != 10; ++tries) { // the hardware insists on a translation fault
        hardware.dfsr = 0x27;
        hardware.far = user_page;
        b.data_abort();
        b.resume();
    }
    CHECK(tries <= 2);
    CHECK(b.regs().pc == entry(3));
}
