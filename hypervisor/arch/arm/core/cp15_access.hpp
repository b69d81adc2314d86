// SPDX-License-Identifier: Apache-2.0
// The core's own CP15 registers, each a type.
#pragma once
#include <arch/arm/model/registers.hpp>

namespace vambrace::arm {

template <unsigned opc1, unsigned crn, unsigned crm, unsigned opc2>
struct Cp15 {
    static u32 read()
    {
        u32 value;
        asm volatile("mrc p15, %c1, %0, c%c2, c%c3, %c4"
                     : "=r"(value)
                     : "i"(opc1), "i"(crn), "i"(crm), "i"(opc2));
        return value;
    }
    static void write(u32 value)
    {
        asm volatile("mcr p15, %c1, %0, c%c2, c%c3, %c4" ::"r"(value), "i"(opc1), "i"(crn), "i"(crm),
                     "i"(opc2)
                     : "memory");
    }
    /// Of registers that not every core has: 0, and nothing happens
    /// (the undefined instruction is passed over, pv/entry).
    static u32 read_if_present()
    {
        u32 value = 0;
        asm volatile("1: mrc p15, %c1, %0, c%c2, c%c3, %c4\n"
                     "2:\n"
                     ".pushsection .fixups, \"a\"\n"
                     ".word 1b, 2b\n"
                     ".popsection"
                     : "+r"(value)
                     : "i"(opc1), "i"(crn), "i"(crm), "i"(opc2));
        return value;
    }
    static void write_if_present(u32 value) { write_address(value); }
    /// Maintenance of the line at an address that the tables may not map, or not for this: then it does
    /// nothing (the abort is taken to the next instruction, pv/entry).
    static void write_address(u32 va)
    {
        asm volatile("1: mcr p15, %c1, %0, c%c2, c%c3, %c4\n"
                     "2:\n"
                     ".pushsection .fixups, \"a\"\n"
                     ".word 1b, 2b\n"
                     ".popsection" ::"r"(va),
                     "i"(opc1), "i"(crn), "i"(crm), "i"(opc2)
                     : "memory");
    }
};

/// A register with fields: what is read and written is its own. \tparam Fields model/registers.hpp
template <typename Fields, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2>
struct Cp15_fields : Fields {
    using Value = Register_value<Fields>;
    using Word = Cp15<opc1, crn, crm, opc2>;

    static Value read() { return Value {Word::read()}; }
    static void write(Value value) { Word::write(value.word()); }
};

/// ARMv6's maintenance of all lines from one address to another, as write_address().
/// \param crm DDI 0301H 3.2.22
template <unsigned crm>
inline void maintain_range(u32 first, u32 last)
{
    asm volatile("1: mcrr p15, 0, %0, %1, c%c2\n"
                 "2:\n"
                 ".pushsection .fixups, \"a\"\n"
                 ".word 1b, 2b\n"
                 ".popsection" ::"r"(last),
                 "r"(first), "i"(crm)
                 : "memory");
}

// What ARMv5, ARMv6 and ARMv7 have in common (DDI 0100I B3, DDI 0406C B3.17).
using Midr = Cp15<0, 0, 0, 0>;
using Sctlr = Cp15_fields<Sctlr_fields, 0, 1, 0, 0>;
using Actlr = Cp15<0, 1, 0, 1>; ///< from ARMv6 on
using Cpacr = Cp15_fields<Cpacr_fields, 0, 1, 0, 2>;
using Ttbr = Cp15<0, 2, 0, 0>; ///< TTBR0
using Dacr = Cp15<0, 3, 0, 0>;
using Dfsr = Cp15<0, 5, 0, 0>;
using Ifsr = Cp15<0, 5, 0, 1>;
using Far = Cp15<0, 6, 0, 0>; ///< DFAR

/// SCTLR.A as the guest has it, while it runs.
inline void set_alignment_check(bool on)
{
    Sctlr::Value const old = Sctlr::read(), now = old.with(Sctlr::a, on);
    if (now != old)
        Sctlr::write(now);
}

inline Va fault_address() { return {Far::read()}; }

} // namespace vambrace::arm
