// SPDX-License-Identifier: Apache-2.0
// Each register with a function to read it and one to write it. TPIDRPRW is the vectors' own, and the others
// that are missing decide over translation, time or traps.
#include "witness.h"

static u32 salt = 0x3e61a7e5;

#define CP15(name, mask, opc1, crn, crm, opc2)                                                               \
    static u32 read_##name(void) { return MRC(opc1, crn, crm, opc2); }                                       \
    static void write_##name(u32 value) { MCR(opc1, crn, crm, opc2, value); }
#define BANKED(name, mask)                                                                                   \
    static u32 read_##name(void)                                                                             \
    {                                                                                                        \
        u32 value;                                                                                           \
        __asm__ volatile(".arch_extension virt\n mrs %0, " #name : "=r"(value));                             \
        return value;                                                                                        \
    }                                                                                                        \
    static void write_##name(u32 value)                                                                      \
    {                                                                                                        \
        __asm__ volatile(".arch_extension virt\n msr " #name ", %0" ::"r"(value));                           \
    }

// clang-format off
#define ALL_CP15(X)                                                                                          \
    X(dfsr, 0x1c0f, 0, 5, 0, 0) X(ifsr, 0x140f, 0, 5, 0, 1) X(dfar, ~0u, 0, 6, 0, 0)                         \
    X(ifar, ~0u, 0, 6, 0, 2) X(mair1, ~0u, 0, 10, 2, 1) X(contextidr, ~0u, 0, 13, 0, 1)                      \
    X(tpidrurw, ~0u, 0, 13, 0, 2)                                                                            \
    X(tpidruro, ~0u, 0, 13, 0, 3) X(csselr, 3, 2, 0, 0, 0)
#define ALL_BANKED(X)                                                                                        \
    X(lr_abt, ~0u) X(spsr_abt, 0xf80f03c0) X(lr_und, ~0u) X(spsr_und, 0xf80f03c0)                            \
    X(r8_fiq, ~0u) X(r9_fiq, ~0u) X(r10_fiq, ~0u) X(r11_fiq, ~0u) X(r12_fiq, ~0u) X(sp_fiq, ~0u)           \
    X(lr_fiq, ~0u) X(spsr_fiq, 0xf80f03c0)
// clang-format on

ALL_CP15(CP15)
ALL_BANKED(BANKED)

// Of ThumbEE, which the Cortex-A15 and A7 have.
static u32 read_teehbr(void)
{
    u32 value;
    __asm__ volatile("mrc p14, 6, %0, c1, c0, 0" : "=r"(value));
    return value;
}
static void write_teehbr(u32 value) { __asm__ volatile("mcr p14, 6, %0, c1, c0, 0" ::"r"(value)); }

static struct {
    u32 mask;
    u32 (*read)(void);
    void (*write)(u32);
} const all[] = {
#define ENTRY(name, mask, ...) {mask, read_##name, write_##name},
    ALL_CP15(ENTRY) ALL_BANKED(ENTRY) {~3u, read_teehbr, write_teehbr},
#undef ENTRY
};
u32 const witness_registers = sizeof all / sizeof *all;

void witness_salt(u32 value) { salt = value; }
u32 witness_value(u32 n) { return ((n + 1) * 0x9e3779b1u ^ salt) & all[n].mask; }
u32 witness_read(u32 n) { return all[n].read() & all[n].mask; }
void witness_write(u32 n) { all[n].write(witness_value(n)); }
