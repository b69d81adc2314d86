// SPDX-License-Identifier: Apache-2.0
// A guest's registers of other modes than HYP, which stay in the core while it runs.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv7ve {

// Names as MRS and MSR of banked registers have them (DDI 0406C B9.3.9). LR_usr is HYP mode's.
// clang-format off
#define VAMBRACE_BANKED_REGISTERS(X)                                                                         \
    X(sp_usr)                                                                                                \
    X(sp_svc) X(lr_svc) X(spsr_svc) X(sp_abt) X(lr_abt) X(spsr_abt) X(sp_und) X(lr_und) X(spsr_und)          \
    X(sp_irq) X(lr_irq) X(spsr_irq)                                                                          \
    X(r8_fiq) X(r9_fiq) X(r10_fiq) X(r11_fiq) X(r12_fiq) X(sp_fiq) X(lr_fiq) X(spsr_fiq)
// clang-format on

struct Banked_registers {
#define X(name) u32 name {};
    VAMBRACE_BANKED_REGISTERS(X)
#undef X
};

#define X(name)                                                                                              \
    inline u32 read_##name()                                                                                 \
    {                                                                                                        \
        u32 value;                                                                                           \
        asm volatile("mrs %0, " #name : "=r"(value));                                                        \
        return value;                                                                                        \
    }                                                                                                        \
    inline void write_##name(u32 value) { asm volatile("msr " #name ", %0" ::"r"(value)); }
VAMBRACE_BANKED_REGISTERS(X)
#undef X

inline void save(Banked_registers &to)
{
#define X(name) to.name = read_##name();
    VAMBRACE_BANKED_REGISTERS(X)
#undef X
}

inline void restore(Banked_registers const &from)
{
#define X(name) write_##name(from.name);
    VAMBRACE_BANKED_REGISTERS(X)
#undef X
}

} // namespace vambrace::armv7ve
