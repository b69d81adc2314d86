// SPDX-License-Identifier: Apache-2.0
// A device's page that the guest kernel uses again and again: the short way does what the long one does, and
// is taken no longer than a TLB would show the page.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 other = Trap_guest::other, base = Trap_guest::base, user_frame = Trap_guest::stack - 0x100;
constexpr u32 ibrd = 0x24, ldr = 0xe5901000, str = 0xe5801000; // ldr r1, [r0]; str r1, [r0]

struct Device_bench : Trap_bench {
    Device_bench()
    {
        g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_PL011_IPA, 1));
        uart().write(ibrd, 0x1234);
    }
    Guest_uart &uart() { return d().standard.uart; }
    bool remembered() { return d().shadow.remembers_device(Va {other}); }

    /// An instruction of the guest kernel at an address that has no shadow entry.
    void access(u32 opcode, u32 va, u32 at)
    {
        g().word(regs().pc) = opcode;
        regs().r[0] = at;
        hardware.data_abort(va, 0x5 | 0x10);
        data_abort();
        (void)vambrace::resume(r());
    }
    u32 load(u32 va)
    {
        access(ldr, va, va);
        return regs().r[1];
    }
};

} // namespace

TEST_CASE("the short way to a device does what the long way does")
{
    auto const [opcode, distance] = GENERATE(table<u32, u32>({
        {0xe5901000, 0},           // ldr r1, [r0]
        {0xe5901008, 0u - 8},      // ldr r1, [r0, #8]
        {0xe5101004, 4},           // ldr r1, [r0, #-4]
        {0xe5900000, 0},           // ldr r0, [r0]
        {0xe1d010b0, 0},           // ldrh r1, [r0]
        {0xe1d011b2, 0u - 0x12},   // ldrh r1, [r0, #18]
        {0xe15010b2, 2},           // ldrh r1, [r0, #-2]
        {0xe5801000, 0},           // str r1, [r0]
        {0xe5011004, 4},           // str r1, [r0, #-4]
        {0xe1c010b0, 0},           // strh r1, [r0]
        {0xe14010b2, 2},           // strh r1, [r0, #-2]
        {0xe5d01000, 0},           // ldrb r1, [r0]
        {0xe5b01008, 0u - 8},      // ldr r1, [r0, #8]!
        {0xe4901004, 0},           // ldr r1, [r0], #4
        {0xe1d010d0, 0},           // ldrsb r1, [r0]
        {0xe1d010f0, 0},           // ldrsh r1, [r0]
        {0x15901000, 0},           // ldrne r1, [r0]
        {0xe8900006, 0},           // ldm r0, {r1, r2}
        {0xe590f000, 0},           // ldr pc, [r0]
        {0xe7901001, 0u - 0x1001}, // ldr r1, [r0, r1]
        {0xe7101001, 0x1001},      // ldr r1, [r0, -r1]
        {0xe7801001, 0u - 0x1001}, // str r1, [r0, r1]
        {0xe19010b1, 0u - 0x1001}, // ldrh r1, [r0, r1]
        {0xe18010b1, 0u - 0x1001}, // strh r1, [r0, r1]
        {0xe7901081, 0u - 0x2002}, // ldr r1, [r0, r1, lsl #1]
        {0xe7d01001, 0u - 0x1001}, // ldrb r1, [r0, r1]
        {0xe79f1001, 0}            // ldr r1, [pc, r1]: at another address
    }));
    Trap_regs after[2];
    u32 stored[2];
    for (bool const again : {false, true}) {
        Device_bench b;
        if (again) {
            REQUIRE(b.load(other + ibrd) == 0x1234);
            REQUIRE(b.remembered());
        }
        b.regs().pc = Trap_guest::code;
        b.regs().r[1] = 0x1001;
        b.access(opcode, other + ibrd, other + ibrd + distance);
        after[again] = b.regs();
        stored[again] = b.uart().read(ibrd);
    }
    CHECK(stored[0] == stored[1]);
    for (unsigned n = 0; n != 16; ++n)
        CHECK(after[0][n] == after[1][n]);
    CHECK(after[0].psr == after[1].psr);
}

TEST_CASE("a device's page is remembered until a flush names it; then the guest's tables are asked")
{
    Device_bench b;
    REQUIRE(b.load(other + ibrd) == 0x1234);
    REQUIRE(b.remembered());
    u32 const ipa = Trap_guest::data + 0x3000;
    b.g().ram.word(ipa + ibrd) = 0x5678;
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(ipa, 1));
    CHECK(b.load(other + ibrd) == 0x1234); // as a TLB would
    u32 const all = VAMBRACE_ALL_TABLES;
    switch (GENERATE(range(0, 8))) {
    case 0: (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), base, other, page_size); break;
    case 1: (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), base, other - 4 * page_size, 8 * page_size); break;
    case 2: (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), all, other, page_size); break;
    case 3:
        (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), all, other + 3 * mib, page_size);
        break; // a supersection's
    case 4: (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), base, 0, VAMBRACE_ALL_ADDRESSES); break;
    case 5: (void)b.call(VAMBRACE_FUNCTION(FORGET_TABLE), base); break;
    case 6:
        b.d().vcpu.cp15.dacr = 0x55555554;
        b.d().update_mmu();
        b.d().vcpu.cp15.dacr = 0x55555555;
        b.d().update_mmu();
        break;
    default:
        (void)b.call(VAMBRACE_FUNCTION(SET_LINEAR_MAP), Trap_guest::linear, Trap_guest::ram_ipa,
                     Trap_guest::ram_size);
    }
    CHECK_FALSE(b.remembered());
    REQUIRE(b.run(other + ibrd, false));
    auto const outcome = hardware.access(other + ibrd, false, Hardware::Mode::usr);
    REQUIRE(outcome.ok());
    CHECK(*hardware.memory(outcome.physical) == 0x5678);
}

TEST_CASE("a flush of something else does not forget a device's page")
{
    Device_bench b;
    (void)b.load(other + ibrd);
    (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), base, Trap_guest::user_page, page_size);
    (void)b.call(VAMBRACE_FUNCTION(TLB_FLUSH), VAMBRACE_ALL_TABLES, other + 32 * mib, page_size);
    CHECK(b.remembered());
}

TEST_CASE("another table does not show the device that one has shown")
{
    Device_bench b;
    (void)b.load(other + ibrd);
    REQUIRE(b.remembered());
    (void)b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), Trap_guest::ram_ipa + 0x40000);
    CHECK_FALSE(b.remembered());
    (void)b.call(VAMBRACE_FUNCTION(SWITCH_TABLE), base);
    CHECK(b.remembered());
}

TEST_CASE("guest user does not reach a device that its kernel alone may use")
{
    Device_bench b;
    (void)b.load(other + ibrd);
    REQUIRE(b.remembered());
    b.g().go_user(user_frame);
    u32 const opcode = GENERATE(ldr, str);
    b.g().ram.word(Trap_guest::data) = opcode;
    b.regs().r[0] = other + ibrd;
    b.regs().r[1] = 0x9999;
    CHECK_FALSE(b.run(other + ibrd, opcode == str));
    CHECK(b.regs().pc == Trap_guest::entry(3));
    CHECK((b.regs().r[1] & 0xd) == 0xd);
    CHECK(b.uart().read(ibrd) == 0x1234);
}

TEST_CASE("a device's page that may only be read is not remembered")
{
    Device_bench b;
    b.g().ram.set_l2(Trap_guest::other_table, other, G::page(VAMBRACE_PL011_IPA, 0));
    b.d().vcpu.cp15.sctlr |= 0x200; // SCTLR.R: AP = 0 is read-only
    b.d().update_mmu();
    b.access(ldr, other + ibrd, other + ibrd);
    CHECK_FALSE(b.remembered());
}
