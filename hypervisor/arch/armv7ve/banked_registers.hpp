// SPDX-License-Identifier: Apache-2.0
// A guest's registers of other modes than HYP, which stay in the core while it runs.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv7ve {

// Names as MRS and MSR of banked registers have them (DDI 0406C B9.3.9), and by which of our own each goes to
// memory and back: an STM or LDM moves one list. LR_usr is HYP mode's.
// clang-format off
#define VAMBRACE_BANKED_REGISTERS_0(X)                                                                       \
    X(r2, sp_usr)                                                                                            \
    X(r3, sp_svc) X(r4, lr_svc) X(r5, spsr_svc) X(r6, sp_abt) X(r7, lr_abt) X(r8, spsr_abt)                  \
    X(r9, sp_und) X(r10, lr_und) X(r11, spsr_und) X(r12, sp_irq)
#define VAMBRACE_BANKED_REGISTERS_1(X)                                                                       \
    X(r2, lr_irq) X(r3, spsr_irq)                                                                            \
    X(r4, r8_fiq) X(r5, r9_fiq) X(r6, r10_fiq) X(r7, r11_fiq) X(r8, r12_fiq)                                 \
    X(r9, sp_fiq) X(r10, lr_fiq) X(r11, spsr_fiq)
#define VAMBRACE_BANKED_REGISTERS(X) VAMBRACE_BANKED_REGISTERS_0(X) VAMBRACE_BANKED_REGISTERS_1(X)
// clang-format on

struct Banked_registers {
#define X(via, name) u32 name {};
    VAMBRACE_BANKED_REGISTERS(X)
#undef X
};
static_assert(sizeof(Banked_registers) == (11 + 10) * 4);

#define X(via, name)                                                                                         \
    inline u32 read_##name()                                                                                 \
    {                                                                                                        \
        u32 value;                                                                                           \
        asm volatile("mrs %0, " #name : "=r"(value));                                                        \
        return value;                                                                                        \
    }                                                                                                        \
    inline void write_##name(u32 value) { asm volatile("msr " #name ", %0" ::"r"(value)); }
VAMBRACE_BANKED_REGISTERS(X)
#undef X

[[gnu::always_inline]] inline void save(Banked_registers &to)
{
    u32 *at = &to.sp_usr;
#define X(via, name) "mrs " #via ", " #name "\n"
    asm volatile(VAMBRACE_BANKED_REGISTERS_0(X) "stm %0!, {r2-r12}\n" //
                 VAMBRACE_BANKED_REGISTERS_1(X) "stm %0, {r2-r11}"
                 : "+r"(at)::"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "memory");
#undef X
}

[[gnu::always_inline]] inline void restore(Banked_registers const &from)
{
    u32 const *at = &from.sp_usr;
#define X(via, name) "msr " #name ", " #via "\n"
    asm volatile("ldm %0!, {r2-r12}\n" VAMBRACE_BANKED_REGISTERS_0(X) //
                 "ldm %0, {r2-r11}\n" VAMBRACE_BANKED_REGISTERS_1(X)
                 : "+r"(at)::"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "memory");
#undef X
}

} // namespace vambrace::armv7ve
