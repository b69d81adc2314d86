// SPDX-License-Identifier: Apache-2.0
// A guest's CP15 registers, which stay in the core while it runs.
#pragma once
#include <arch/armv7ve/hyp_registers.hpp>

namespace vambrace::armv7ve {

// DDI 0406C B3.17: what PL1 and PL0 hold between two instructions, and by which of our own registers each
// goes to memory and back: an STM or LDM moves one list. ACTLR traps, and the debug registers and the
// performance monitors do: hyp/trap.
// clang-format off
#define VAMBRACE_WIDE_SYSTEM_REGISTERS(X)                                                                    \
    X(r2, r3, ttbr0, 0, c2) X(r4, r5, ttbr1, 1, c2) X(r6, r7, par, 0, c7)
#define VAMBRACE_SYSTEM_REGISTERS_0(X)                                                                       \
    X(r8, sctlr, 0, c1, c0, 0) X(r9, cpacr, 0, c1, c0, 2) X(r10, ttbcr, 0, c2, c0, 2)                        \
    X(r11, dacr, 0, c3, c0, 0) X(r12, dfsr, 0, c5, c0, 0)
#define VAMBRACE_SYSTEM_REGISTERS_1(X)                                                                       \
    X(r2, ifsr, 0, c5, c0, 1) X(r3, adfsr, 0, c5, c1, 0) X(r4, aifsr, 0, c5, c1, 1)                          \
    X(r5, dfar, 0, c6, c0, 0) X(r6, ifar, 0, c6, c0, 2) X(r7, mair0, 0, c10, c2, 0)                          \
    X(r8, mair1, 0, c10, c2, 1) X(r9, amair0, 0, c10, c3, 0) X(r10, amair1, 0, c10, c3, 1)                   \
    X(r11, vbar, 0, c12, c0, 0) X(r12, contextidr, 0, c13, c0, 1)
#define VAMBRACE_SYSTEM_REGISTERS_2(X)                                                                       \
    X(r2, tpidrurw, 0, c13, c0, 2) X(r3, tpidruro, 0, c13, c0, 3) X(r4, tpidrprw, 0, c13, c0, 4)             \
    X(r5, csselr, 2, c0, c0, 0) X(r6, cntkctl, 0, c14, c1, 0)
// clang-format on

struct System_registers {
#define X(low, high, name, opc1, crm) u64 name {};
    VAMBRACE_WIDE_SYSTEM_REGISTERS(X)
#undef X
#define X(via, name, opc1, crn, crm, opc2) u32 name {};
    VAMBRACE_SYSTEM_REGISTERS_0(X) VAMBRACE_SYSTEM_REGISTERS_1(X) VAMBRACE_SYSTEM_REGISTERS_2(X)
#undef X
};
static_assert(offsetof(System_registers, cntkctl) == (11 + 11 + 4) * 4);

[[gnu::always_inline]] inline void save(System_registers &to)
{
    u64 *at = &to.ttbr0;
#define W(low, high, name, opc1, crm) "mrrc p15, " #opc1 ", " #low ", " #high ", " #crm "\n"
#define X(via, name, opc1, crn, crm, opc2) "mrc p15, " #opc1 ", " #via ", " #crn ", " #crm ", " #opc2 "\n"
    asm volatile(VAMBRACE_WIDE_SYSTEM_REGISTERS(W) VAMBRACE_SYSTEM_REGISTERS_0(X) "stm %0!, {r2-r12}\n" //
                 VAMBRACE_SYSTEM_REGISTERS_1(X) "stm %0!, {r2-r12}\n"                                   //
                 VAMBRACE_SYSTEM_REGISTERS_2(X) "stm %0, {r2-r6}"
                 : "+r"(at)::"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "memory");
#undef W
#undef X
}

[[gnu::always_inline]] inline void restore(System_registers const &from)
{
    u64 const *at = &from.ttbr0;
#define W(low, high, name, opc1, crm) "mcrr p15, " #opc1 ", " #low ", " #high ", " #crm "\n"
#define X(via, name, opc1, crn, crm, opc2) "mcr p15, " #opc1 ", " #via ", " #crn ", " #crm ", " #opc2 "\n"
    asm volatile("ldm %0!, {r2-r12}\n" VAMBRACE_WIDE_SYSTEM_REGISTERS(W) VAMBRACE_SYSTEM_REGISTERS_0(X) //
                 "ldm %0!, {r2-r12}\n" VAMBRACE_SYSTEM_REGISTERS_1(X)                                   //
                 "ldm %0, {r2-r6}\n" VAMBRACE_SYSTEM_REGISTERS_2(X)
                 : "+r"(at)::"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "memory");
#undef W
#undef X
}

/// ThumbEE's (DDI 0406C B6.1.8), where the core has it.
struct Thumbee_registers {
    u32 teecr {}, teehbr {};
};

inline void save(Thumbee_registers &to)
{
    asm volatile("mrc p14, 6, %0, c0, c0, 0\n mrc p14, 6, %1, c1, c0, 0" : "=r"(to.teecr), "=r"(to.teehbr));
}

inline void restore(Thumbee_registers const &from)
{
    asm volatile("mcr p14, 6, %0, c0, c0, 0\n mcr p14, 6, %1, c1, c0, 0" ::"r"(from.teecr), "r"(from.teehbr));
}

} // namespace vambrace::armv7ve
