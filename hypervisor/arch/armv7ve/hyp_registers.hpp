// SPDX-License-Identifier: Apache-2.0
// The registers that the virtualization extensions add (DDI 0406C B4.1), each a type.
#pragma once
#include <arch/arm/core/cp15_access.hpp>

namespace vambrace::armv7ve {

using arm::Cp15;
using arm::Cp15_fields;

/// A 64-bit register, read and written by MRRC and MCRR.
template <unsigned opc1, unsigned crm>
struct Cp15_64 {
    static u64 read()
    {
        u64 value;
        asm volatile("mrrc p15, %c1, %Q0, %R0, c%c2" : "=r"(value) : "i"(opc1), "i"(crm));
        return value;
    }
    static void write(u64 value)
    {
        asm volatile("mcrr p15, %c1, %Q0, %R0, c%c2" ::"r"(value), "i"(opc1), "i"(crm) : "memory");
    }
};

// HYP mode's own.
using Hsctlr = Cp15_fields<arm::Hsctlr_fields, 4, 1, 0, 0>;
using Hcr = Cp15_fields<arm::Hcr_fields, 4, 1, 1, 0>;
using Hdcr = Cp15_fields<arm::Hdcr_fields, 4, 1, 1, 1>;
using Hcptr = Cp15_fields<arm::Hcptr_fields, 4, 1, 1, 2>;
using Hstr = Cp15_fields<arm::Hstr_fields, 4, 1, 1, 3>;
using Vtcr = Cp15<4, 2, 1, 2>;
using Hsr_register = Cp15<4, 5, 2, 0>;
using Hdfar = Cp15<4, 6, 0, 0>;
using Hifar = Cp15<4, 6, 0, 2>;
using Hpfar = Cp15<4, 6, 0, 4>;
using Vpidr = Cp15<4, 0, 0, 0>;
using Vmpidr = Cp15<4, 0, 0, 5>;
using Vttbr = Cp15_64<6, 2>;

// A guest's own, while it runs.
using arm::Sctlr;
using Ttbcr = Cp15<0, 2, 0, 2>;
using Vbar = Cp15<0, 12, 0, 0>;

using Pmuserenr = Cp15<0, 9, 14, 0>; ///< traps when the guest writes it

// Operations.
using Ats1cpr = Cp15<0, 7, 8, 0>; ///< the guest's first stage, as its kernel reads
using Ats1cur = Cp15<0, 7, 8, 2>; ///< as its user reads
using Par = Cp15_64<0, 7>;        ///< the result
using Tlbiallh = Cp15<4, 8, 7, 0>;
using Tlbiallnsnh = Cp15<4, 8, 7, 4>;
using Tlbiall = Cp15<0, 8, 7, 0>; ///< of the VMID in use

// The generic timer (DDI 0406C chapter B8).
using Cntfrq = Cp15<0, 14, 0, 0>;
using Cntkctl = Cp15<0, 14, 1, 0>;
using Cntv_ctl = Cp15_fields<arm::Timer_control_fields, 0, 14, 3, 1>;
using Cnthctl = Cp15_fields<arm::Cnthctl_fields, 4, 14, 1, 0>;
using Cntpct = Cp15_64<0, 14>;
using Cntv_cval = Cp15_64<3, 14>;
using Cntvoff = Cp15_64<4, 14>;

inline void dsb() { asm volatile("dsb" ::: "memory"); }
inline void isb() { asm volatile("isb" ::: "memory"); }

} // namespace vambrace::armv7ve
