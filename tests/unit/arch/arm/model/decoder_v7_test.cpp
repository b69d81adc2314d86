// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 add to the instruction decoder: Thumb-2, IT blocks, unaligned and big-endian accesses.
#include "decoder_bench.hpp"
#include <catch2/catch.hpp>

using namespace vambrace;

namespace {

Instruction wide(u32 opcode)
{
    return Instruction::thumb32(static_cast<u16>(opcode >> 16), static_cast<u16>(opcode));
}

constexpr u32 z_flag = 1u << 30;
/// psr for ITSTATE, DDI 0406C A2.5.2
constexpr u32 bits_of_it(u32 it) { return it >> 2 << 10 | (it & 3) << 25; }

} // namespace

TEST_CASE("a Thumb-2 load or store does to registers and memory what the manual says")
{
    // pc is 0x8002: the base of a literal is 0x8004
    auto const [mnemonic, opcode, expected] = GENERATE(table<char const *, u32, char const *>({
        {"ldr.w r0, [r1, #260]", 0xf8d10104, "R4@20000204 r0=cafe8f80"},
        {"ldr.w r0, [r1, #-4]", 0xf8510c04, "R4@200000fc r0=cafe8f80"},
        {"ldr.w r0, [r1, #4]!", 0xf8510f04, "R4@20000104 r0=cafe8f80 r1=20000104"},
        {"ldr.w r0, [r1], #-4", 0xf8510904, "R4@20000100 r0=cafe8f80 r1=200000fc"},
        {"ldr.w r0, [r1, r2, lsl #2]", 0xf8510022, "R4@20000120 r0=cafe8f80"},
        {"ldr.w r0, [pc, #8]", 0xf8df0008, "R4@0000800c r0=cafe8f80"},
        {"ldr.w r0, [pc, #-8]", 0xf85f0008, "R4@00007ffc r0=cafe8f80"},
        {"ldrt r0, [r1, #4]", 0xf8510e04, "R4@20000104 r0=cafe8f80"},
        {"ldr.w pc, [r1]", 0xf8d1f000, "R4@20000100 pc=cafe8f80 T=0"},
        {"ldr.w sp, [r1, #4]!", 0xf851df04, "R4@20000104 r1=20000104 r13=cafe8f80"},
        {"str.w r0, [r1, #4]", 0xf8c10004, "W4@20000104=a1b2c3d4"},
        {"str.w r0, [r1, #-4]!", 0xf8410d04, "W4@200000fc=a1b2c3d4 r1=200000fc"},
        {"str.w r0, [r1], #4", 0xf8410b04, "W4@20000100=a1b2c3d4 r1=20000104"},
        {"str.w r0, [r1, r2, lsl #3]", 0xf8410032, "W4@20000140=a1b2c3d4"},
        {"strt r0, [r1, #4]", 0xf8410e04, "W4@20000104=a1b2c3d4"},
        {"strb.w r0, [r1, #3]", 0xf8810003, "W1@20000103=d4"},
        {"strb.w r0, [r1], #1", 0xf8010b01, "W1@20000100=d4 r1=20000101"},
        {"strh.w r0, [r1, #2]", 0xf8a10002, "W2@20000102=c3d4"},
        {"ldrb.w r0, [r1, #3]", 0xf8910003, "R1@20000103 r0=80"},
        {"ldrb.w r0, [r1, #-1]", 0xf8110c01, "R1@200000ff r0=80"},
        {"ldrsb.w r0, [r1, #3]", 0xf9910003, "R1@20000103 r0=ffffff80"},
        {"ldrsb.w r0, [r1, r2]", 0xf9110002, "R1@20000108 r0=ffffff80"},
        {"ldrh.w r0, [r1, #2]", 0xf8b10002, "R2@20000102 r0=8f80"},
        {"ldrh.w r0, [r1, #2]!", 0xf8310f02, "R2@20000102 r0=8f80 r1=20000102"},
        {"ldrsh.w r0, [r1, #2]", 0xf9b10002, "R2@20000102 r0=ffff8f80"},
        {"ldrsh.w r0, [pc, #8]", 0xf9bf0008, "R2@0000800c r0=ffff8f80"},
        {"ldrd r4, r5, [r1]", 0xe9d14500, "R4@20000100 R4@20000104 r4=cafe8f80 r5=cafe8f81"},
        {"ldrd r5, r4, [r1, #8]!", 0xe9f15402, "R4@20000108 R4@2000010c r1=20000108 r4=cafe8f81 r5=cafe8f80"},
        {"ldrd r4, r7, [r1], #-8", 0xe8714702, "R4@20000100 R4@20000104 r1=200000f8 r4=cafe8f80 r7=cafe8f81"},
        {"ldrd r4, r5, [pc, #8]", 0xe9df4502, "R4@0000800c R4@00008010 r4=cafe8f80 r5=cafe8f81"},
        {"strd r0, r2, [r1, #4]", 0xe9c10201, "W4@20000104=a1b2c3d4 W4@20000108=8"},
        {"strd r4, r0, [r1]", 0xe9c14000, "W4@20000100=44444444 W4@20000104=a1b2c3d4"},
        {"strd r0, r0, [r1]", 0xe9c10000, "W4@20000100=a1b2c3d4 W4@20000104=a1b2c3d4"},
        {"strd r0, r2, [r1], #8", 0xe8e10202, "W4@20000100=a1b2c3d4 W4@20000104=8 r1=20000108"},
        {"ldmia.w r1, {r0, r2}", 0xe8910005, "R4@20000100 R4@20000104 r0=cafe8f80 r2=cafe8f81"},
        {"ldmia.w r1!, {r2, pc}", 0xe8b18004, "R4@20000100 R4@20000104 r1=20000108 r2=cafe8f80 pc=cafe8f80"},
        {"ldmdb r1, {r0, r2}", 0xe9110005, "R4@200000f8 R4@200000fc r0=cafe8f80 r2=cafe8f81"},
        {"stmia.w r1!, {r0, r2}", 0xe8a10005, "W4@20000100=a1b2c3d4 W4@20000104=8 r1=20000108"},
        {"stmdb r1!, {r0, r2}", 0xe9210005, "W4@200000f8=a1b2c3d4 W4@200000fc=8 r1=200000f8"},
        {"push.w {r0, r8}", 0xe92d0101, "W4@200001f8=a1b2c3d4 W4@200001fc=0 r13=200001f8"},
        {"pop.w {r0, r8}", 0xe8bd0101, "R4@20000200 R4@20000204 r0=cafe8f80 r8=cafe8f81 r13=20000208"},
        {"pld [r1, #4]", 0xf891f004, ""},
        {"pldw [r1, #4]", 0xf8b1f004, ""},
        {"pli [r1, #4]", 0xf991f004, ""},
        {"pld [r1, #-4]", 0xf811fc04, ""},
        {"pld [r1, r2]", 0xf811f002, ""},
        {"pld [pc, #8]", 0xf89ff008, ""},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(wide(opcode), start(true), Isa::v7) == expected);
}

TEST_CASE("a Thumb-2 instruction that is UNPREDICTABLE, undefined or no plain load or store is rejected")
{
    auto const [mnemonic, opcode] = GENERATE(table<char const *, u32>({
        {"ldrex r0, [r1]", 0xe8510f00},
        {"strex r0, r2, [r1]", 0xe8412000},
        {"ldrexb r0, [r1]", 0xe8d10f4f},
        {"tbb [r1, r2]", 0xe8d1f002},
        {"srsdb sp!, #19", 0xe82dc013},
        {"rfeia r1", 0xe991c000},
        {"mrc p15, 0, r0, c1, c0, 0", 0xee110f10},
        {"vldr d0, [r1]", 0xed910b00},
        {"add.w r0, r1, r2", 0xeb010002},
        {"ldmia.w r1, {r0}", 0xe8910001},
        {"ldmia.w r1, {}", 0xe8910000},
        {"ldmia.w r1, {r0, sp}", 0xe8912001},
        {"ldmia.w r1, {lr, pc}", 0xe891c000},
        {"ldmia.w r1!, {r0, r1}", 0xe8b10003},
        {"ldmia.w pc, {r0, r1}", 0xe89f0003},
        {"stmia.w r1, {r0, pc}", 0xe8818001},
        {"stmia.w r1!, {r1, r2}", 0xe8a10006},
        {"ldrd r4, r4, [r1]", 0xe9d14400},
        {"ldrd sp, r4, [r1]", 0xe9d1d400},
        {"ldrd r4, pc, [r1]", 0xe9d14f00},
        {"ldrd r4, r1, [r1, #8]!", 0xe9f14102},
        {"ldrd r4, r5, [pc, #8]!", 0xe9ff4502},
        {"strd r4, r5, [pc]", 0xe9cf4500},
        {"str.w r0, [pc, #8]", 0xf8cf0008},
        {"str.w pc, [r1]", 0xf8c1f000},
        {"strb.w sp, [r1]", 0xf881d000},
        {"ldrb.w sp, [r1]", 0xf891d000},
        {"ldrb.w pc, [r1], #1", 0xf811fb01},
        {"ldr.w r1, [r1, #4]!", 0xf8511f04},
        {"str.w r1, [r1], #4", 0xf8411b04},
        {"ldr.w r0, [r1, sp]", 0xf851000d},
        {"ldr.w r0, [r1, pc]", 0xf851000f},
        {"ldr.w r0, [r1], no index, no writeback", 0xf8510804},
        {"size 3", 0xf8f10004},
        {"ldrs of a word", 0xf9d10004},
        {"strs", 0xf9810004},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(wide(opcode), start(true), Isa::v7) == "rejected");
}

TEST_CASE("ARM instructions that came with ARMv7 are its own")
{
    auto const [mnemonic, opcode, expected] = GENERATE(table<char const *, u32, char const *>({
        {"ldrht r0, [r1], #2", 0xe0f100b2, "R2@20000100 r0=8f80 r1=20000102"},
        {"strht r0, [r1], -r2", 0xe02100b2, "W2@20000100=c3d4 r1=200000f8"},
        {"ldrsbt r0, [r1], #1", 0xe0f100d1, "R1@20000100 r0=ffffff80 r1=20000101"},
        {"pldw [r1, #4]", 0xf591f004, ""},
        {"pli [r1, #4]", 0xf4d1f004, ""},
        {"pli [r1, r2]", 0xf6d1f002, ""},
        {"pldw [r1, r2]", 0xf791f002, ""},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(Instruction::arm(opcode), start(false), Isa::v7) == expected);
    CHECK(outcome(Instruction::arm(opcode), start(false), Isa::v6) == "rejected");
}

TEST_CASE("an exclusive access has no emulation")
{
    // ldrex r0, [r1]; strexd r0, r2, r3, [r1]; ldrexb r0, [r1]
    u32 const opcode = GENERATE(0xe1910f9fu, 0xe1a10f92u, 0xe1d10f9fu);
    CHECK(outcome(Instruction::arm(opcode), start(false), GENERATE(Isa::v5, Isa::v6, Isa::v7)) == "rejected");
}

TEST_CASE("from ARMv6 on an unaligned access to a device is told, not rotated")
{
    Isa const isa = GENERATE(Isa::v6, Isa::v7);
    // ldr [r1, #1], [r1, #2]; str [r1, #3]; ldrh [r1, #1]; strd [r1, #2]; swp at 0xa1b2c3d4 + 1
    u32 const opcode = GENERATE(0xe5910001u, 0xe5910002u, 0xe5810003u, 0xe1d100b1u, 0xe1c140f2u);
    CHECK(outcome(Instruction::arm(opcode), start(false), isa) == "unaligned");
    Trap_regs regs = start(false);
    regs.r[1] += 2;
    CHECK(outcome(Instruction::arm(0xe8910005), regs, isa) == "unaligned"); // ldmia r1, {r0, r2}
    CHECK(outcome(Instruction::arm(0xe8910005), regs, Isa::v5) != "unaligned");
    CHECK(outcome(Instruction::arm(0xe5d10001), regs, isa) == "R1@20000103 r0=80");
}

TEST_CASE("with CPSR.E the bytes of each access are the other way round")
{
    Trap_regs regs = start(false);
    regs.psr |= psr::e;
    auto const [opcode, expected] = GENERATE(table<u32, char const *>({
        {0xe5910000, "R4@20000100 r0=808ffeca"},
        {0xe1d100b0, "R2@20000100 r0=808f"},
        {0xe1d100f0, "R2@20000100 r0=ffff808f"},
        {0xe5d10000, "R1@20000100 r0=80"},
        {0xe5810000, "W4@20000100=d4c3b2a1"},
        {0xe1c100b0, "W2@20000100=d4c3"},
        {0xe5c10000, "W1@20000100=d4"},
        {0xe1c140d0, "R4@20000100 R4@20000104 r4=808ffeca r5=818ffeca"},
    }));
    CHECK(outcome(Instruction::arm(opcode), regs, Isa::v7) == expected);
}

TEST_CASE("in an IT block the block's condition decides")
{
    Trap_regs regs = start(true);
    u32 const it = GENERATE(0x08u, 0x04u, 0x02u, 0x01u); // EQ; the last 1 says how many follow
    regs.psr |= bits_of_it(it);
    Instruction const load = wide(0xf8d10104);
    CHECK(outcome(load, regs, Isa::v7) == "");
    regs.psr |= z_flag;
    CHECK(outcome(load, regs, Isa::v7) == "R4@20000204 r0=cafe8f80");
    regs.psr = (regs.psr & ~z_flag) | bits_of_it(0x10); // NE
    CHECK(outcome(load, regs, Isa::v7) == "R4@20000204 r0=cafe8f80");
}

TEST_CASE("stepping over an instruction advances ITSTATE as the processor does")
{
    // ITTEE EQ: 0b0000'0111; then EQ, NE, NE, nothing
    u32 const states[] = {0x07, 0x0e, 0x1c, 0x18, 0x00, 0x00};
    Trap_regs regs {};
    regs.psr = psr::user | psr::t | bits_of_it(states[0]);
    for (unsigned n = 1; n != 6; ++n) {
        skip(regs, n & 1 ? 2 : 4);
        CAPTURE(n);
        CHECK(regs.psr == (psr::user | psr::t | bits_of_it(states[n])));
    }
    CHECK(regs.pc == 2 + 4 + 2 + 4 + 2);
    Instruction const nop = Instruction::thumb16(0xbf00);
    CHECK(condition_passed(nop, psr::t | z_flag | bits_of_it(0x07)));
    CHECK_FALSE(condition_passed(nop, psr::t | bits_of_it(0x07)));
    CHECK_FALSE(condition_passed(nop, psr::t | z_flag | bits_of_it(0x1c)));
    CHECK(condition_passed(nop, psr::t | bits_of_it(0x1c)));
}

TEST_CASE("a jump out of an IT block ends it")
{
    Trap_regs regs = start(true);
    regs.psr |= bits_of_it(0xe4); // AL, one more to follow: UNPREDICTABLE for a jump
    Bus bus;
    Performed const done = perform(*decode(wide(0xf8d1f000), regs, Isa::v7), regs, bus); // ldr.w pc, [r1]
    CHECK(done.ok());
    CHECK((regs.psr & psr::it) == 0);
}

TEST_CASE("Thumb-2 instructions are told by their first halfword, on cores that have them")
{
    auto const [first, is_wide] = GENERATE(table<u32, bool>({
        {0xe7ff, false},
        {0xe800, true},
        {0xf7ff, true},
        {0xffff, true},
        {0xdfff, false},
        {0x0000, false},
    }));
    CHECK(Instruction::is_thumb32(static_cast<u16>(first), Isa::v7) == is_wide);
    CHECK_FALSE(Instruction::is_thumb32(static_cast<u16>(first), Isa::v6));
}

TEST_CASE("SMC and HVC are recognised in Thumb-2 and nothing else")
{
    CHECK(is_smc(wide(0xf7f08000)));
    CHECK(is_smc(wide(0xf7ff8000)));
    CHECK(is_hvc(wide(0xf7e08000)));
    CHECK(is_hvc(wide(0xf7e18234)));
    // the ARM words; msr; udf.w; b.w; a halfword
    u32 const other = GENERATE(0xe1600070u, 0xe1400070u, 0xf3808000u, 0xf7f0a000u, 0xf0008000u);
    CHECK_FALSE((is_smc(wide(other)) || is_hvc(wide(other))));
    CHECK_FALSE(is_smc(Instruction::arm(0xf7f08000)));
    CHECK_FALSE(is_hvc(Instruction::arm(0xf7e08000)));
    CHECK_FALSE(is_smc(Instruction::thumb16(0x8000)));
}

TEST_CASE("a coprocessor transfer of Thumb-2 is the ARM one with the condition AL, and stays in its IT block")
{
    Instruction const read = wide(0xee115f10); // mrc p15, 0, r5, c1, c0, 0
    Trap_regs regs = start(true);
    regs.psr |= bits_of_it(0xe4);
    complete(*decode_coprocessor(read.opcode), regs, 0x12345678);
    CHECK(regs.r[5] == 0x12345678);
    CHECK(regs.pc == 0x8006);
    CHECK((regs.psr & psr::it) == bits_of_it(0xe8));
    complete(Coprocessor_pair {true, 14, 0, 1, 2, 3}, regs, 7, 9);
    CHECK((regs.r[2] == 7 && regs.r[3] == 9 && regs.pc == 0x800a));
}
