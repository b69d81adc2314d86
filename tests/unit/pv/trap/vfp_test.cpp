// SPDX-License-Identifier: Apache-2.0
// VFP through the eyes of guests: what traps, what is tried again, what is the guest's own.
#include <catch2/catch.hpp>
#include <support/trap_bench.hpp>

using namespace vambrace;

namespace {

constexpr u32 vmrs_fpexc = 0xeef81a10, vmsr_fpexc = 0xeee81a10; // r1
constexpr u32 vadd = 0xee300b00, vadd_neon = 0xf2000800;        // vadd.f64 d0, d0, d0; vadd.i8 d0, d0, d0
constexpr u32 vmsr_fpexc_ne = 0x1ee81a10;
constexpr u32 undefined_user = Trap_guest::entry(1), undefined_kernel = Trap_guest::entry(5);

/// The guest that runs meets this instruction, which the core finds undefined.
void undefined(Trap_bench &b, unsigned n, u32 opcode)
{
    Trap_guest &g = *b.guests[n];
    if (g.domain.vcpu.in_user()) {
        g.regs().pc = Trap_guest::user_page;
        g.ram.word(Trap_guest::data) = opcode;
    } else {
        g.regs().pc = Trap_guest::code;
        g.word(Trap_guest::code) = opcode;
    }
    g.regs().pc += 4;
    handle_undefined(running(g.domain));
    b.resume();
}

void enable(Trap_bench &b, unsigned n)
{
    b.guests[n]->regs().r[1] = fpexc::en;
    undefined(b, n, vmsr_fpexc);
}

Trap_bench with_vfp(unsigned guests = 1)
{
    Trap_bench b {guests};
    b.processor.vfp.probe();
    for (unsigned n = 0; n != guests; ++n)
        Guest_format::open_coprocessors(b.guests[n]->domain.vcpu.cp15);
    b.processor.vfp.run(b.d().vcpu.vfp, true);
    return b;
}

void switch_to_other(Trap_bench &b)
{
    this_cpu().yield(*this_cpu().current());
    b.resume();
}

/// The second guest is in the state that the first one starts with.
void prepare_second(Trap_bench &b)
{
    switch_to_other(b);
    REQUIRE(this_cpu().current() == &b.guests[1]->domain.vcpu);
    b.guests[1]->mmu_on();
    b.guests[1]->set_vectors(Trap_guest::some_vectors());
    b.resume();
}

} // namespace

TEST_CASE("a guest kernel enables VFP and reads what it has enabled")
{
    Trap_bench b = with_vfp();
    enable(b, 0);
    CHECK(b.regs().pc == Trap_guest::code + 4);
    CHECK(hardware.vfp.executes());
    b.regs().r[1] = 0;
    undefined(b, 0, vmrs_fpexc);
    CHECK(b.regs().r[1] == fpexc::en);
    undefined(b, 0, 0xeef71a10); // vmrs r1, mvfr0
    CHECK(b.regs().r[1] == neon.mvfr0);
    undefined(b, 0, 0xeef01a10); // vmrs r1, fpsid
    CHECK(b.regs().r[1] == neon.fpsid);
}

TEST_CASE("a VMSR whose condition fails does nothing")
{
    Trap_bench b = with_vfp();
    b.regs().r[1] = fpexc::en;
    b.regs().psr |= 1u << 30;
    undefined(b, 0, vmsr_fpexc_ne);
    CHECK_FALSE(hardware.vfp.executes());
    CHECK(b.regs().pc == Trap_guest::code + 4);
}

TEST_CASE("an instruction of a VFP that the guest has not enabled is the guest's to handle")
{
    Trap_bench b = with_vfp();
    u32 const opcode =
        GENERATE(as<u32> {}, vadd, vadd_neon, 0xeef91a10u); // and vmrs r1, fpinst, which NEON cores lack
    undefined(b, 0, opcode);
    CHECK(b.regs().pc == undefined_kernel);
    b.regs().psr = psr::user;
    b.g().go_user(Trap_guest::stack - VAMBRACE_FRAME_SIZE);
    undefined(b, 0, opcode);
    CHECK(b.regs().pc == undefined_user);
}

TEST_CASE("guest user has no access to FPEXC")
{
    Trap_bench b = with_vfp();
    b.g().go_user(Trap_guest::stack - VAMBRACE_FRAME_SIZE);
    b.regs().r[1] = fpexc::en;
    undefined(b, 0, vmsr_fpexc);
    CHECK(b.regs().pc == undefined_user);
    CHECK_FALSE(hardware.vfp.executes());
}

TEST_CASE("what is undefined with VFP open is not tried again")
{
    Trap_bench b = with_vfp();
    enable(b, 0);
    undefined(b, 0, vadd);
    CHECK(b.regs().pc == undefined_kernel);
}

TEST_CASE("another guest's VFP instruction is tried again with its own registers")
{
    Trap_bench b = with_vfp(2);
    enable(b, 0);
    hardware.vfp.d[3] = 0xa3;
    prepare_second(b);
    Trap_guest &second = *b.guests[1];
    CHECK_FALSE(hardware.vfp.executes());
    undefined(b, 1, vadd);
    CHECK(second.regs().pc == undefined_kernel); // it has not enabled VFP
    enable(b, 1);
    CHECK(hardware.vfp.d[3] == 0);
    hardware.vfp.d[3] = 0xb3;

    switch_to_other(b);
    REQUIRE(this_cpu().current() == &b.d().vcpu);
    CHECK_FALSE(hardware.vfp.executes());
    b.g().go_user(Trap_guest::stack - VAMBRACE_FRAME_SIZE);
    undefined(b, 0, 0xe7f000f0); // udf: no VFP instruction
    CHECK(b.regs().pc == undefined_user);
    CHECK(hardware.vfp.d[3] == 0xb3);
    b.g().go_user(Trap_guest::stack - VAMBRACE_FRAME_SIZE);
    u32 const opcode = GENERATE(vadd, vadd_neon);
    undefined(b, 0, opcode);
    CHECK(b.regs().pc == Trap_guest::user_page); // again
    CHECK(hardware.vfp.executes());
    CHECK(hardware.vfp.d[3] == 0xa3);
    CHECK(b.d().counters[Counter::vfp_switch] == 1);

    switch_to_other(b);
    undefined(b, 1, vadd);
    CHECK(second.regs().pc == Trap_guest::code);
    CHECK(hardware.vfp.d[3] == 0xb3);
}

TEST_CASE("a guest whose CPACR is closed has no VFP")
{
    Trap_bench b = with_vfp();
    b.processor.vfp.run(b.d().vcpu.vfp, false);
    enable(b, 0);
    CHECK(b.regs().pc == undefined_kernel);
    CHECK_FALSE(hardware.vfp.executes());
}

TEST_CASE("VFP and NEON instructions are told from others")
{
    auto const [opcode, arm, thumb] = GENERATE(table<u32, bool, bool>({
        {0xee300b00, true, true},   // vadd.f64
        {0x0e300b00, true, false},  // its condition: EQ
        {0xeef11a10, true, true},   // vmrs r1, fpscr
        {0xed910b00, true, true},   // vldr d0, [r1]
        {0xec510b10, true, true},   // vmov r0, r1, d0
        {0xf2000800, true, false},  // vadd.i8
        {0xef000800, false, true},  // the same in Thumb-2; svc in ARM
        {0xff000800, false, true},  // vsub.i8 in Thumb-2
        {0xf3000800, true, false},  // vsub.i8
        {0xf4200a0f, true, false},  // vld1
        {0xf9200a0f, false, true},  // vld1 in Thumb-2
        {0xf5d1f020, false, false}, // pld
        {0xee111f10, false, false}, // mrc p15
        {0xfe300b00, false, false}, // the unconditional space of coprocessor 11
        {0xe7f000f0, false, false}, // udf
    }));
    CAPTURE(opcode);
    CHECK(is_vfp(Instruction::arm(opcode)) == arm);
    auto const upper = static_cast<u16>(opcode >> 16), lower = static_cast<u16>(opcode);
    CHECK(is_vfp(Instruction::thumb32(upper, lower)) == thumb);
    CHECK_FALSE(is_vfp(Instruction::thumb16(lower)));
}
