// SPDX-License-Identifier: Apache-2.0
// Undefined instructions: guest kernel's CP15, HVC and SMC are emulated, others are the guest's.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;
using G = Guest_ram;

namespace {

constexpr u32 user_page = Trap_guest::user_page, user_frame = Trap_guest::linear + 0x88000;
auto const entry = Trap_guest::entry;

/// The guest's undefined instruction: pc is behind it when the core traps.
void undefined(Trap_bench &b, u32 opcode)
{
    b.place(opcode);
    b.regs().pc += 4;
    handle_undefined(b.r());
    b.resume();
}

} // namespace

TEST_CASE("an undefined instruction of guest user is the guest's, whatever it is")
{
    Trap_bench b;
    b.g().go_user(user_frame);
    u32 const opcode = GENERATE(0xee110f10u, 0xe1600070u, 0xe1400070u, 0xe7f000f0u); // mrc, smc, hvc, udf
    b.g().ram.word(Trap_guest::data) = opcode;
    b.regs().pc += 4;
    handle_undefined(b.r());
    b.resume();
    CHECK(b.regs().pc == entry(1));
    CHECK(b.g().frame_at(user_frame).pc == user_page);
}

TEST_CASE("the guest kernel's CP15 is emulated")
{
    Trap_bench b;
    u32 const pc = b.regs().pc;
    undefined(b, 0xee101f10); // mrc p15, 0, r1, c0, c0, 0
    CHECK(b.regs().r[1] == arch::identity().midr);
    CHECK(b.regs().pc == pc + 4);
    undefined(b, 0x0e102f10); // mrceq: the condition fails
    CHECK(b.regs().r[2] == 0x1002);
    CHECK(b.regs().pc == pc + 8);
}

TEST_CASE("writes of CP15 change what the guest reaches, at once")
{
    Trap_bench b;
    REQUIRE(b.run(user_page, true));
    SECTION("DACR")
    {
        b.regs().r[0] = 0;
        undefined(b, 0xee030f10);
        b.g().go_user(user_frame);
        CHECK_FALSE(b.touch(user_page, true));
    }
    SECTION("TTBR")
    {
        b.regs().r[0] = Trap_guest::ram_ipa + 0x8000;
        undefined(b, 0xee020f10);
        CHECK(hardware.ttbr == b.d().shadow.hardware_table().physical);
        CHECK_FALSE(b.touch(user_page, true));
    }
    SECTION("a TLB operation")
    {
        b.g().ram.set_l2(Trap_guest::user_table, user_page, G::page(Trap_guest::data + 0x7000, 3));
        b.regs().r[0] = user_page;
        undefined(b, GENERATE(0xee080f17u, 0xee080f37u, 0xee080f15u, 0xee080f36u));
        REQUIRE(b.run(user_page, true));
        CHECK(hardware.access(user_page, true, Hardware::Mode::usr).physical ==
              b.g().ram.physical(Trap_guest::data + 0x7000));
    }
    SECTION("SCTLR.A")
    {
        b.regs().r[0] = b.d().vcpu.cp15.sctlr | 2;
        undefined(b, 0xee010f10);
        CHECK(hardware.alignment_check);
    }
    CHECK(hardware.stale().empty());
}

TEST_CASE("PSCI is answered to HVC and SMC in the guest kernel")
{
    Trap_bench b;
    u32 const pc = b.regs().pc;
    b.regs().r[0] = 0x84000000;
    undefined(b, GENERATE(0xe1400070u, 0xe1600070u));
    CHECK(b.regs().r[0] == 0x10000);
    CHECK(b.regs().pc == pc + 4);
}

TEST_CASE("other undefined instructions of the guest kernel are its own")
{
    Trap_bench b;
    u32 const pc = b.regs().pc;
    // udf, a register of a VFP that is not there; p14 and c15, which ARMv7 has and a guest finds empty
    undefined(b, GENERATE(filter([](u32 op) { return !walk::always_has_asids || op >> 20 != 0xee1; },
                                 values({0xe7f000f0u, 0xec500b10u, 0xee110e10u, 0xee1f0f1fu}))));
    CHECK(b.regs().pc == entry(5));
    CHECK(b.g().frame_at(b.regs().sp).pc == pc);
}
