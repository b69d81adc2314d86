// SPDX-License-Identifier: Apache-2.0
// A guest's CP15 registers, which stay in the core while it runs.
#pragma once
#include <arch/armv7ve/hyp_registers.hpp>

namespace vambrace::armv7ve {

// DDI 0406C B3.17: what PL1 and PL0 hold between two instructions. ACTLR traps, and the debug
// registers and the performance monitors do: hyp/trap.
#define VAMBRACE_SYSTEM_REGISTERS(X)                                                                         \
    X(sctlr, 0, 1, 0, 0)                                                                                     \
    X(cpacr, 0, 1, 0, 2)                                                                                     \
    X(ttbcr, 0, 2, 0, 2)                                                                                     \
    X(dacr, 0, 3, 0, 0)                                                                                      \
    X(dfsr, 0, 5, 0, 0)                                                                                      \
    X(ifsr, 0, 5, 0, 1)                                                                                      \
    X(adfsr, 0, 5, 1, 0)                                                                                     \
    X(aifsr, 0, 5, 1, 1)                                                                                     \
    X(dfar, 0, 6, 0, 0)                                                                                      \
    X(ifar, 0, 6, 0, 2)                                                                                      \
    X(mair0, 0, 10, 2, 0)                                                                                    \
    X(mair1, 0, 10, 2, 1)                                                                                    \
    X(amair0, 0, 10, 3, 0)                                                                                   \
    X(amair1, 0, 10, 3, 1)                                                                                   \
    X(vbar, 0, 12, 0, 0)                                                                                     \
    X(contextidr, 0, 13, 0, 1)                                                                               \
    X(tpidrurw, 0, 13, 0, 2)                                                                                 \
    X(tpidruro, 0, 13, 0, 3)                                                                                 \
    X(tpidrprw, 0, 13, 0, 4)                                                                                 \
    X(csselr, 2, 0, 0, 0)                                                                                    \
    X(cntkctl, 0, 14, 1, 0)

#define VAMBRACE_WIDE_SYSTEM_REGISTERS(X) X(ttbr0, 0, 2) X(ttbr1, 1, 2) X(par, 0, 7)

struct System_registers {
#define X(name, opc1, crn, crm, opc2) u32 name {};
    VAMBRACE_SYSTEM_REGISTERS(X)
#undef X
#define X(name, opc1, crm) u64 name {};
    VAMBRACE_WIDE_SYSTEM_REGISTERS(X)
#undef X
};

inline void save(System_registers &to)
{
#define X(name, opc1, crn, crm, opc2) to.name = Cp15<opc1, crn, crm, opc2>::read();
    VAMBRACE_SYSTEM_REGISTERS(X)
#undef X
#define X(name, opc1, crm) to.name = Cp15_64<opc1, crm>::read();
    VAMBRACE_WIDE_SYSTEM_REGISTERS(X)
#undef X
}

inline void restore(System_registers const &from)
{
#define X(name, opc1, crn, crm, opc2) Cp15<opc1, crn, crm, opc2>::write(from.name);
    VAMBRACE_SYSTEM_REGISTERS(X)
#undef X
#define X(name, opc1, crm) Cp15_64<opc1, crm>::write(from.name);
    VAMBRACE_WIDE_SYSTEM_REGISTERS(X)
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
