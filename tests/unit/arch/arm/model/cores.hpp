// SPDX-License-Identifier: Apache-2.0
// Identification registers of real cores, and MRC, MCR by name, for tests of the virtual CP15.
#pragma once
#include <arch/arm/model/cp15_identity.hpp>
#include <arch/arm/model/decoder.hpp>
#include <arch/armv6/cp15.hpp>
#include <arch/armv7/cp15.hpp>

namespace vambrace {

/// DDI 0211K 3.2.1 to 3.2.5, r1p3
constexpr Cp15_identity arm1136 {.midr = 0x4117b363,
                                 .ctr = 0x1dd20d2,
                                 .tcmtr = 0x00010001,
                                 .tlbtr = 0x00000800,
                                 .mpidr = 0x4117b363,
                                 .pfr = {0x111, 0x1},
                                 .dfr0 = 0x2,
                                 .afr0 = 0x3,
                                 .mmfr = {0x01130003, 0x10030302, 0x01222110, 0},
                                 .isar = {0x00140011, 0x12002111, 0x11231111, 0x01102131, 0x141, 0},
                                 .clidr = 0,
                                 .aidr = 0,
                                 .ccsidr_data = 0,
                                 .ccsidr_instruction = 0,
                                 .actlr = 7,
                                 .cpacr = 0x00f00000};
/// DDI 0301H 3.2.1 to 3.2.6, r0p7
constexpr Cp15_identity arm1176 {.midr = 0x410fb767,
                                 .ctr = 0x1dd20d2,
                                 .tcmtr = 0x00020002,
                                 .tlbtr = 0x00000800,
                                 .mpidr = 0x410fb767,
                                 .pfr = {0x111, 0x11},
                                 .dfr0 = 0x33,
                                 .afr0 = 0,
                                 .mmfr = {0x01130003, 0x10030302, 0x01222100, 0},
                                 .isar = {0x00140011, 0x12002111, 0x11231121, 0x01102131, 0x01141, 0},
                                 .clidr = 0,
                                 .aidr = 0,
                                 .ccsidr_data = 0,
                                 .ccsidr_instruction = 0,
                                 .actlr = 7,
                                 .cpacr = 0x00f00000};
/// DDI 0360F 3.4.1 to 3.4.6, processor 0
constexpr Cp15_identity arm11_mpcore {.midr = 0x410fb022,
                                      .ctr = 0x1d192992,
                                      .tcmtr = 0,
                                      .tlbtr = 0x00000800,
                                      .mpidr = 0,
                                      .pfr = {0x111, 0x1},
                                      .dfr0 = 0,
                                      .afr0 = 0x2,
                                      .mmfr = {0x01100103, 0x10020302, 0x01222000, 0},
                                      .isar = {0x00100011, 0x12002111, 0x11221011, 0x01102131, 0x141, 0},
                                      .clidr = 0,
                                      .aidr = 0,
                                      .ccsidr_data = 0,
                                      .ccsidr_instruction = 0,
                                      .actlr = 0xf,
                                      .cpacr = 0x00f00000};
/// DDI 0344K 3.2.2 to 3.2.21, r3p0 with 32 KB caches
constexpr Cp15_identity cortex_a8 {.midr = 0x410fc080,
                                   .ctr = 0x82048004,
                                   .tcmtr = 0,
                                   .tlbtr = 0x00202001,
                                   .mpidr = 0,
                                   .pfr = {0x1031, 0x11},
                                   .dfr0 = 0x400,
                                   .afr0 = 0,
                                   .mmfr = {0x31100003, 0x20000000, 0x01202000, 0x11},
                                   .isar = {0x00101111, 0x12112111, 0x21232031, 0x11112131, 0x00111142, 0},
                                   .clidr = 0x0a000023,
                                   .aidr = 0,
                                   .ccsidr_data = 0xe007e01a,
                                   .ccsidr_instruction = 0x2007e01a,
                                   .actlr = 2,
                                   .cpacr = 0xc0ffffff};
/// DDI 0388I 4.3, r3p0, one of several, with 32 KB caches
constexpr Cp15_identity cortex_a9 {.midr = 0x413fc090,
                                   .ctr = 0x83338003,
                                   .tcmtr = 0,
                                   .tlbtr = 0x00000402,
                                   .mpidr = 0x80000001,
                                   .pfr = {0x1231, 0x11},
                                   .dfr0 = 0x00010444,
                                   .afr0 = 0,
                                   .mmfr = {0x00100103, 0x20000000, 0x01230000, 0x00102111},
                                   .isar = {0x00101111, 0x13112111, 0x21232041, 0x11112131, 0x00011142, 0},
                                   .clidr = 0x09200003,
                                   .aidr = 0,
                                   .ccsidr_data = 0xe00fe019,
                                   .ccsidr_instruction = 0x200fe019,
                                   .actlr = 0x41,
                                   .cpacr = 0xc0f00000};

/// r4p0, one of several, with 32 KB caches and 1 MB of second level, as QEMU 7.2 has it after DDI 0438
constexpr Cp15_identity cortex_a15 {.midr = 0x414fc0f0,
                                    .ctr = 0x8444c004,
                                    .tcmtr = 0,
                                    .tlbtr = 0,
                                    .mpidr = 0x80000000,
                                    .pfr = {0x1131, 0x11011},
                                    .dfr0 = 0x02010555,
                                    .afr0 = 0,
                                    .mmfr = {0x10201105, 0x20000000, 0x01240000, 0x02102211},
                                    .isar = {0x02101110, 0x13112111, 0x21232041, 0x11112131, 0x10011142, 0},
                                    .clidr = 0x0a200023,
                                    .aidr = 0,
                                    .ccsidr_data = 0x701fe00a,
                                    .ccsidr_instruction = 0x201fe00a,
                                    .actlr = 0x40,
                                    .cpacr = 0x00f00000};
/// r0p5, the same, after DDI 0464
constexpr Cp15_identity cortex_a7 {.midr = 0x410fc075,
                                   .ctr = 0x84448003,
                                   .tcmtr = 0,
                                   .tlbtr = 0,
                                   .mpidr = 0x80000000,
                                   .pfr = {0x1131, 0x11011},
                                   .dfr0 = 0x02010555,
                                   .afr0 = 0,
                                   .mmfr = {0x10101105, 0x40000000, 0x01240000, 0x02102211},
                                   .isar = {0x02101110, 0x13112111, 0x21232041, 0x11112131, 0x10011142, 0},
                                   .clidr = 0x0a200023,
                                   .aidr = 0,
                                   .ccsidr_data = 0x701fe00a,
                                   .ccsidr_instruction = 0x201fe00a,
                                   .actlr = 0x40,
                                   .cpacr = 0x00f00000};

/// The instruction with r0: `mrc p15, opc1, r0, crn, crm, opc2`.
constexpr u32 mrc(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return 0xee100f10 | opc1 << 21 | crn << 16 | opc2 << 5 | crm;
}
constexpr u32 mcr(unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return mrc(opc1, crn, crm, opc2) & ~(1u << 20);
}

/// A guest's CP15 and the core that it is on.
template <typename State>
struct Guest_cp15 {
    Cp15_identity identity;
    State state {};

    Cp15_action run(u32 opcode, u32 value = 0)
    {
        return access(state, *decode_coprocessor(opcode), value, identity);
    }
    u32 read(u32 opcode) { return run(opcode).value; }
};
using V6 = Guest_cp15<armv6::Cp15_state>;
using V7 = Guest_cp15<armv7::Cp15_state>;

} // namespace vambrace
