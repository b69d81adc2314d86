// SPDX-License-Identifier: Apache-2.0
// The instruction decoder of ARMv5 against words from the GNU assembler and the manual's definitions.
#include "decoder_bench.hpp"
#include <catch2/catch.hpp>
#include <cstring>

using namespace vambrace;

namespace {

/// \param opcode of a word, or of a halfword in Thumb state
std::string outcome(u32 opcode, bool thumb)
{
    Instruction const narrow = Instruction::thumb16(static_cast<u16>(opcode));
    return outcome(thumb ? narrow : Instruction::arm(opcode), start(thumb), Isa::v5);
}

} // namespace

TEST_CASE("an ARM load or store does to registers and memory what the manual says")
{
    auto const [mnemonic, opcode, expected] = GENERATE(table<char const *, u32, char const *>({
        {"ldr r0, [r1]", 0xe5910000, "R4@20000100 r0=cafe8f80"},
        {"ldr r0, [r1, #4]", 0xe5910004, "R4@20000104 r0=cafe8f80"},
        {"ldr r0, [r1, #-4]", 0xe5110004, "R4@200000fc r0=cafe8f80"},
        {"ldr r0, [r1, #4]!", 0xe5b10004, "R4@20000104 r0=cafe8f80 r1=20000104"},
        {"ldr r0, [r1], #4", 0xe4910004, "R4@20000100 r0=cafe8f80 r1=20000104"},
        {"ldr r0, [r1], #-4", 0xe4110004, "R4@20000100 r0=cafe8f80 r1=200000fc"},
        {"ldr r0, [r1, r2]", 0xe7910002, "R4@20000108 r0=cafe8f80"},
        {"ldr r0, [r1, -r2]", 0xe7110002, "R4@200000f8 r0=cafe8f80"},
        {"ldr r0, [r1, r2, lsl #2]", 0xe7910102, "R4@20000120 r0=cafe8f80"},
        {"ldr r0, [r1, r2, lsr #1]", 0xe79100a2, "R4@20000104 r0=cafe8f80"},
        {"ldr r0, [r1, r2, lsr #32]", 0xe7910022, "R4@20000100 r0=cafe8f80"},
        {"ldr r0, [r1, r3, asr #4]", 0xe7910243, "R4@18000104 r0=cafe8f80"},
        {"ldr r0, [r1, r3, asr #32], rotated", 0xe7910043, "R4@200000fc r0=fe8f80ca"},
        {"ldr r0, [r1, r2, ror #4]", 0xe7910262, "R4@a0000100 r0=cafe8f80"},
        {"ldr r0, [r1, r2, rrx]", 0xe7910062, "R4@a0000104 r0=cafe8f80"},
        {"ldr r0, [r1, -r2, lsl #2]!", 0xe7310102, "R4@200000e0 r0=cafe8f80 r1=200000e0"},
        {"ldr r0, [r1], r2", 0xe6910002, "R4@20000100 r0=cafe8f80 r1=20000108"},
        {"ldr r0, [pc, #8]", 0xe59f0008, "R4@00008010 r0=cafe8f80"},
        {"ldr pc, [r1]", 0xe591f000, "R4@20000100 pc=cafe8f80"},
        {"ldr sp, [r1]", 0xe591d000, "R4@20000100 r13=cafe8f80"},
        {"ldr r0, [r1, #1], rotated", 0xe5910001, "R4@20000100 r0=80cafe8f"},
        {"str r0, [r1]", 0xe5810000, "W4@20000100=a1b2c3d4"},
        {"str r0, [r1, #24]", 0xe5810018, "W4@20000118=a1b2c3d4"},
        {"str r0, [r1, #3], not rotated", 0xe5810003, "W4@20000100=a1b2c3d4"},
        {"str r0, [r1, r2, lsl #2]", 0xe7810102, "W4@20000120=a1b2c3d4"},
        {"str r0, [r1, #4]!", 0xe5a10004, "W4@20000104=a1b2c3d4 r1=20000104"},
        {"str r0, [r1], #4", 0xe4810004, "W4@20000100=a1b2c3d4 r1=20000104"},
        {"str pc, [r1]", 0xe581f000, "W4@20000100=8008"},
        {"strb r0, [r1]", 0xe5c10000, "W1@20000100=d4"},
        {"strb r0, [r1], #1", 0xe4c10001, "W1@20000100=d4 r1=20000101"},
        {"ldrb r0, [r1, #3]", 0xe5d10003, "R1@20000103 r0=80"},
        {"ldrt r0, [r1], #4", 0xe4b10004, "R4@20000100 r0=cafe8f80 r1=20000104"},
        {"strt r0, [r1]", 0xe4a10000, "W4@20000100=a1b2c3d4"},
        {"ldrbt r0, [r1]", 0xe4f10000, "R1@20000100 r0=80"},
        {"strbt r0, [r1], -r2", 0xe6610002, "W1@20000100=d4 r1=200000f8"},
        {"ldrh r0, [r1, #24]", 0xe1d101b8, "R2@20000118 r0=8f80"},
        {"ldrh r0, [r1, r2]", 0xe19100b2, "R2@20000108 r0=8f80"},
        {"ldrh r0, [r1, #-2]!", 0xe17100b2, "R2@200000fe r0=8f80 r1=200000fe"},
        {"ldrh r0, [r1], #2", 0xe0d100b2, "R2@20000100 r0=8f80 r1=20000102"},
        {"strh r0, [r1]", 0xe1c100b0, "W2@20000100=c3d4"},
        {"strh r0, [r1, -r2]", 0xe10100b2, "W2@200000f8=c3d4"},
        {"strh r0, [r1], r2", 0xe08100b2, "W2@20000100=c3d4 r1=20000108"},
        {"ldrsb r0, [r1, #3]", 0xe1d100d3, "R1@20000103 r0=ffffff80"},
        {"ldrsh r0, [r1, #2]", 0xe1d100f2, "R2@20000102 r0=ffff8f80"},
        {"ldrsh r0, [pc, #8]", 0xe1df00f8, "R2@00008010 r0=ffff8f80"},
        {"ldrd r4, [r1]", 0xe1c140d0, "R4@20000100 R4@20000104 r4=cafe8f80 r5=cafe8f81"},
        {"ldrd r4, [r1, #8]!", 0xe1e140d8, "R4@20000108 R4@2000010c r1=20000108 r4=cafe8f80 r5=cafe8f81"},
        {"ldrd r4, [r1], r2", 0xe08140d2, "R4@20000100 R4@20000104 r1=20000108 r4=cafe8f80 r5=cafe8f81"},
        {"strd r4, [r1, #-8]", 0xe14140f8, "W4@200000f8=44444444 W4@200000fc=55555555"},
        {"swp r0, r2, [r1]", 0xe1010092, "R4@20000100 W4@20000100=8 r0=cafe8f80"},
        {"swpb r0, r2, [r1]", 0xe1410092, "R1@20000100 W1@20000100=8 r0=80"},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(opcode, false) == expected);
}

TEST_CASE("LDM and STM access ascending addresses in every mode")
{
    auto const [mnemonic, opcode, expected] = GENERATE(table<char const *, u32, char const *>({
        {"ldmia r1, {r2, r4}", 0xe8910014, "R4@20000100 R4@20000104 r2=cafe8f80 r4=cafe8f81"},
        {"ldmib r1, {r2, r4}", 0xe9910014, "R4@20000104 R4@20000108 r2=cafe8f80 r4=cafe8f81"},
        {"ldmda r1, {r2, r4}", 0xe8110014, "R4@200000fc R4@20000100 r2=cafe8f80 r4=cafe8f81"},
        {"ldmdb r1, {r2, r4}", 0xe9110014, "R4@200000f8 R4@200000fc r2=cafe8f80 r4=cafe8f81"},
        {"ldmia r1!, {r2, r4}", 0xe8b10014, "R4@20000100 R4@20000104 r1=20000108 r2=cafe8f80 r4=cafe8f81"},
        {"ldmdb r1!, {r2, r4}", 0xe9310014, "R4@200000f8 R4@200000fc r1=200000f8 r2=cafe8f80 r4=cafe8f81"},
        {"ldmia r1, {r1, r4}", 0xe8910012, "R4@20000100 R4@20000104 r1=cafe8f80 r4=cafe8f81"},
        {"pop {r4, pc}", 0xe8bd8010, "R4@20000200 R4@20000204 r4=cafe8f80 r13=20000208 pc=cafe8f80 T=1"},
        {"stmia r1, {r2, r4}", 0xe8810014, "W4@20000100=8 W4@20000104=44444444"},
        {"stmib r1!, {r2, r4}", 0xe9a10014, "W4@20000104=8 W4@20000108=44444444 r1=20000108"},
        {"stmda r1!, {r2, r4}", 0xe8210014, "W4@200000fc=8 W4@20000100=44444444 r1=200000f8"},
        {"push {r4, lr}", 0xe92d4010, "W4@200001f8=44444444 W4@200001fc=1e1e1e1e r13=200001f8"},
        {"stmia r1!, {r1, r2}", 0xe8a10006, "W4@20000100=20000100 W4@20000104=8 r1=20000108"},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(opcode, false) == expected);
}

TEST_CASE("a Thumb load or store does to registers and memory what the manual says")
{
    auto const [mnemonic, opcode, expected] = GENERATE(table<char const *, u32, char const *>({
        {"str r0, [r1, r2]", 0x5088, "W4@20000108=a1b2c3d4"},
        {"strh r0, [r1, r2]", 0x5288, "W2@20000108=c3d4"},
        {"strb r0, [r1, r2]", 0x5488, "W1@20000108=d4"},
        {"ldrsb r0, [r1, r2]", 0x5688, "R1@20000108 r0=ffffff80"},
        {"ldr r0, [r1, r2]", 0x5888, "R4@20000108 r0=cafe8f80"},
        {"ldrh r0, [r1, r2]", 0x5a88, "R2@20000108 r0=8f80"},
        {"ldrb r0, [r1, r2]", 0x5c88, "R1@20000108 r0=80"},
        {"ldrsh r0, [r1, r2]", 0x5e88, "R2@20000108 r0=ffff8f80"},
        {"str r0, [r1, #4]", 0x6048, "W4@20000104=a1b2c3d4"},
        {"ldr r0, [r1, #124]", 0x6fc8, "R4@2000017c r0=cafe8f80"},
        {"strb r0, [r1, #3]", 0x70c8, "W1@20000103=d4"},
        {"ldrb r0, [r1, #31]", 0x7fc8, "R1@2000011f r0=80"},
        {"strh r0, [r1, #2]", 0x8048, "W2@20000102=c3d4"},
        {"ldrh r0, [r1, #62]", 0x8fc8, "R2@2000013e r0=8f80"},
        {"str r0, [sp, #8]", 0x9002, "W4@20000208=a1b2c3d4"},
        {"ldr r7, [sp, #1020]", 0x9fff, "R4@200005fc r7=cafe8f80"},
        {"ldr r3, [pc, #8] at 0x8002", 0x4b02, "R4@0000800c r3=cafe8f80"},
        {"push {r0, r7}", 0xb481, "W4@200001f8=a1b2c3d4 W4@200001fc=77777777 r13=200001f8"},
        {"push {r0, lr}", 0xb501, "W4@200001f8=a1b2c3d4 W4@200001fc=1e1e1e1e r13=200001f8"},
        {"pop {r0, r7}", 0xbc81, "R4@20000200 R4@20000204 r0=cafe8f80 r7=cafe8f81 r13=20000208"},
        {"pop {r0, pc}", 0xbd01, "R4@20000200 R4@20000204 r0=cafe8f80 r13=20000208 pc=cafe8f80"},
        {"pop {pc}", 0xbd00, "R4@20000200 r13=20000204 pc=cafe8f80 T=0"},
        {"stmia r1!, {r2, r4}", 0xc114, "W4@20000100=8 W4@20000104=44444444 r1=20000108"},
        {"stmia r1!, {r1, r4}", 0xc112, "W4@20000100=20000100 W4@20000104=44444444 r1=20000108"},
        {"ldmia r1!, {r2, r4}", 0xc914, "R4@20000100 R4@20000104 r1=20000108 r2=cafe8f80 r4=cafe8f81"},
        {"ldmia r1, {r1, r4}", 0xc912, "R4@20000100 R4@20000104 r1=cafe8f80 r4=cafe8f81"},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(opcode, true) == expected);
}

TEST_CASE("an ARM word that is UNPREDICTABLE or no load or store is rejected")
{
    auto const [mnemonic, opcode] = GENERATE(table<char const *, u32>({
        {"ldr r1, [r1, #4]!", 0xe5b11004},
        {"ldr r1, [r1], #4", 0xe4911004},
        {"str r1, [r1, #4]!", 0xe5a11004},
        {"ldr r0, [pc, #4]!", 0xe5bf0004},
        {"ldr r0, [r1, pc]", 0xe791000f},
        {"ldr r0, [r1], r1", 0xe6910001},
        {"ldrb pc, [r1]", 0xe5d1f000},
        {"strb pc, [r1]", 0xe5c1f000},
        {"ldrt pc, [r1]", 0xe4b1f000},
        {"ldr pc, [r1, #2]", 0xe591f002},
        {"ldrh pc, [r1]", 0xe1d1f0b0},
        {"ldrh r0, [r1, #1]", 0xe1d100b1},
        {"ldrht r0, [r1], #2 (v7)", 0xe0f100b2},
        {"ldrh r0, [r1, r2] with SBZ set", 0xe19101b2},
        {"ldrd r5, [r1]", 0xe1c150d0},
        {"ldrd lr, [r1]", 0xe1c1e0d0},
        {"ldrd r4, [r1, #2]", 0xe1c140d2},
        {"ldrd r4, [r1, r5]", 0xe18140d5},
        {"ldrd r4, [r5, #8]!", 0xe1e540d8},
        {"strd r5, [r1]", 0xe1c150f0},
        {"ldm r1, {}", 0xe8910000},
        {"ldm r1!, {r1, r4}", 0xe8b10012},
        {"ldm pc, {r1}", 0xe89f0002},
        {"stm r1!, {r0, r1}", 0xe8a10003},
        {"ldm r1, {r2, r4}^", 0xe8d10014},
        {"stm r1, {r2, r4}^", 0xe8c10014},
        {"ldm r1, {r2, pc}^", 0xe8d18004},
        {"swp r1, r2, [r1]", 0xe1011092},
        {"swp r0, r1, [r1]", 0xe1010091},
        {"swp r0, pc, [r1]", 0xe101009f},
        {"ldrex r0, [r1] (v6)", 0xe1910f9f},
        {"strex r0, r2, [r1] (v6)", 0xe1810f92},
        {"mul r0, r1, r2", 0xe0000291},
        {"add r0, r1, r2", 0xe0810002},
        {"media space", 0xe7f000f0},
        {"svc 0", 0xef000000},
        {"mrc p15, 0, r0, c1, c0", 0xee110f10},
        {"ldc p14, c5, [r1]", 0xed915e00},
        {"b .", 0xeafffffe},
        {"rfeia r1 (v6)", 0xf8910a00},
    }));
    CAPTURE(mnemonic);
    CHECK(outcome(opcode, false) == "rejected");
}

TEST_CASE("a Thumb opcode that is UNPREDICTABLE or no load or store is rejected")
{
    // push {}, pop {}, ldmia {}, stmia r1!, {r0, r1}, mov r0, r0, add sp, svc, b, bkpt, ldrh [r1, r2] at odd
    u32 const opcode =
        GENERATE(0xb400u, 0xbc00u, 0xc900u, 0xc103u, 0x4600u, 0xb001u, 0xdf00u, 0xe7feu, 0xbe00u);
    CHECK(outcome(opcode, true) == "rejected");
}

TEST_CASE("an instruction that does nothing is stepped over")
{
    // ldreq with Z clear, and pld [r1, #32]
    CHECK(outcome(0x05910000, false).empty());
    CHECK(outcome(0xf5d1f020, false).empty());
    CHECK(outcome(0x15910000, false) == "R4@20000100 r0=cafe8f80");
}

TEST_CASE("every condition agrees with its definition for all flags")
{
    for (u32 flags = 0; flags < 16; flags++) {
        bool const n = bit(flags, 3), z = bit(flags, 2), c = bit(flags, 1), v = bit(flags, 0);
        bool const holds[] = {z, c, n, v, c && !z, n == v, !z && n == v, true};
        for (u32 condition = 0; condition < 15; condition++) {
            CAPTURE(flags, condition);
            CHECK(condition_passed(Instruction::arm(condition << 28), flags << 28) ==
                  (holds[condition / 2] != (condition & 1)));
        }
        CHECK(condition_passed(Instruction::arm(0xf0000000), flags << 28));
    }
}

TEST_CASE("a failed access names its address and changes no register")
{
    // ldmia r1!, {r2, r4, pc}; stmia r1!, {r2, r4}; swp r0, r2, [r1]
    auto const [opcode, failing, address] = GENERATE(table<u32, unsigned, u32>({
        {0xe8b18014, 2, 0x20000108},
        {0xe8a10014, 1, 0x20000104},
        {0xe1010092, 1, 0x20000100},
    }));
    Trap_regs const before = start(false);
    Trap_regs after = before;
    Bus bus {.failing = failing};
    Performed const performed = perform(*decode(Instruction::arm(opcode), after, Isa::v5), after, bus);
    CHECK(performed.error == Error::address);
    CHECK(performed.address == address);
    CHECK(std::memcmp(&before, &after, sizeof after) == 0);
}

TEST_CASE("MRC and MCR are taken apart")
{
    // mrc p15, 0, r15, c7, c10, 3 and mcr p15, 7, r3, c15, c0, 0
    Coprocessor_op const test = *decode_coprocessor(0xee17ff7a), debug = *decode_coprocessor(0xeeef3f10);
    CHECK((test.load && test.coprocessor == 15 && test.opc1 == 0 && test.rt == 15));
    CHECK((test.crn == 7 && test.crm == 10 && test.opc2 == 3));
    CHECK((!debug.load && debug.coprocessor == 15 && debug.opc1 == 7 && debug.rt == 3));
    CHECK((debug.crn == 15 && debug.crm == 0 && debug.opc2 == 0));
    // mrc2, cdp, mcrr, svc
    u32 const other = GENERATE(0xfe110f10u, 0xee010f00u, 0xec410f02u, 0xef000000u);
    CHECK(decode_coprocessor(other).error() == Error::not_supported);
}

TEST_CASE("transfers of two registers are decoded with their operands")
{
    // mcrr p15, 0, r1, r0, c14; mrrc p14, 3, r2, r4, c1
    Coprocessor_pair const range = *decode_coprocessor_pair(0xec401f0e);
    Coprocessor_pair const debug = *decode_coprocessor_pair(0xec542e31);
    CHECK((!range.load && range.coprocessor == 15 && range.opc1 == 0 && range.crm == 14));
    CHECK((range.rt == 1 && range.rt2 == 0));
    CHECK((debug.load && debug.coprocessor == 14 && debug.opc1 == 3 && debug.crm == 1));
    CHECK((debug.rt == 2 && debug.rt2 == 4));
    // mcrr2, r15 as rt and rt2, mrc, ldc, stc
    u32 const other = GENERATE(0xfc401f0eu, 0xec40ff0eu, 0xec4f1f0eu, 0xee110f10u, 0xec901f00u, 0xec801f00u);
    CHECK(decode_coprocessor_pair(other).error() == Error::not_supported);
}

TEST_CASE("MRC gives its value to a register, or with r15 to the flags")
{
    Trap_regs regs = start(false);
    // mrc p15, 0, r5, c1, c0, 0; mrc p15, 0, r15, c7, c10, 3; mcr p15, 0, r5, c1, c0, 0
    complete(*decode_coprocessor(0xee115f10), regs, 0x12345678);
    CHECK((regs.r[5] == 0x12345678 && regs.pc == 0x8004));
    complete(*decode_coprocessor(0xee17ff7a), regs, 0x40000000);
    CHECK((regs.psr == (0x40000000 | psr::user) && regs.pc == 0x8008));
    complete(*decode_coprocessor(0xee015f10), regs, 1);
    CHECK((regs.r[5] == 0x12345678 && regs.pc == 0x800c));
}

TEST_CASE("SMC and HVC are recognised and nothing else")
{
    auto const smc = [](u32 opcode) { return is_smc(Instruction::arm(opcode)); };
    auto const hvc = [](u32 opcode) { return is_hvc(Instruction::arm(opcode)); };
    CHECK((smc(0xe1600070) && smc(0xe1600075) && smc(0x11600070)));
    CHECK((hvc(0xe1400070) && hvc(0xe1412374)));
    u32 const other = GENERATE(0xe1212374u, 0xf1600070u, 0x11400070u, 0xe1600090u, 0xef000000u, 0xe0000291u);
    CHECK_FALSE((smc(other) || hvc(other)));
}
