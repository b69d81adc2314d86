// SPDX-License-Identifier: Apache-2.0
// A stopped guest's general registers: some are saved, the others of its mode are still in the core.
#include <hyp/trap/trap.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

/// CPSR.M.
enum class Mode : u32 { usr = 0x10, fiq = 0x11, irq = 0x12, svc = 0x13, abt = 0x17, und = 0x1b, sys = 0x1f };

Mode mode_of(Hyp_vcpu const &v) { return static_cast<Mode>(v.context.psr & psr::mode_mask); }

u32 read_fiq(unsigned n)
{
    switch (n) {
    case 8: return read_r8_fiq();
    case 9: return read_r9_fiq();
    case 10: return read_r10_fiq();
    case 11: return read_r11_fiq();
    case 12: return read_r12_fiq();
    case 13: return read_sp_fiq();
    default: return read_lr_fiq();
    }
}

void write_fiq(unsigned n, u32 value)
{
    switch (n) {
    case 8: return write_r8_fiq(value);
    case 9: return write_r9_fiq(value);
    case 10: return write_r10_fiq(value);
    case 11: return write_r11_fiq(value);
    case 12: return write_r12_fiq(value);
    case 13: return write_sp_fiq(value);
    default: return write_lr_fiq(value);
    }
}

/// The registers from this one on may still be in the core.
unsigned first_banked(Mode mode) { return mode == Mode::fiq ? 8 : 13; }

void read_stack_and_link(Hyp_vcpu const &v, Trap_regs &regs)
{
    switch (mode_of(v)) {
    case Mode::svc: regs.sp = read_sp_svc(), regs.lr = read_lr_svc(); return;
    case Mode::abt: regs.sp = read_sp_abt(), regs.lr = read_lr_abt(); return;
    case Mode::und: regs.sp = read_sp_und(), regs.lr = read_lr_und(); return;
    case Mode::irq: regs.sp = read_sp_irq(), regs.lr = read_lr_irq(); return;
    case Mode::fiq: regs.sp = read_sp_fiq(), regs.lr = read_lr_fiq(); return;
    default: regs.sp = read_sp_usr(), regs.lr = v.context.lr;
    }
}

} // namespace

u32 read_register(Hyp_vcpu const &v, unsigned n)
{
    Mode const mode = mode_of(v);
    if (mode == Mode::fiq && n >= 8 && n < 15)
        return read_fiq(n);
    if (n < 13)
        return v.context.r[n];
    bool const stack = n == 13;
    switch (mode) {
    case Mode::svc: return stack ? read_sp_svc() : read_lr_svc();
    case Mode::abt: return stack ? read_sp_abt() : read_lr_abt();
    case Mode::und: return stack ? read_sp_und() : read_lr_und();
    case Mode::irq: return stack ? read_sp_irq() : read_lr_irq();
    default: return stack ? read_sp_usr() : v.context.lr;
    }
}

void write_register(Hyp_vcpu &v, unsigned n, u32 value)
{
    Mode const mode = mode_of(v);
    if (mode == Mode::fiq && n >= 8 && n < 15)
        return write_fiq(n, value);
    if (n < 13) {
        v.context.r[n] = value;
        return;
    }
    if (n == 15)
        return; // UNPREDICTABLE
    bool const stack = n == 13;
    switch (mode) {
    case Mode::svc: return stack ? write_sp_svc(value) : write_lr_svc(value);
    case Mode::abt: return stack ? write_sp_abt(value) : write_lr_abt(value);
    case Mode::und: return stack ? write_sp_und(value) : write_lr_und(value);
    case Mode::irq: return stack ? write_sp_irq(value) : write_lr_irq(value);
    default: break;
    }
    if (stack)
        write_sp_usr(value);
    else
        v.context.lr = value;
}

Trap_regs trap_registers(Hyp_vcpu const &v)
{
    Trap_regs regs;
#pragma GCC unroll 13 // memcpy() would be a call and a loop
    for (unsigned n = 0; n != 13; ++n)
        regs.r[n] = v.context.r[n];
    read_stack_and_link(v, regs);
    if (mode_of(v) == Mode::fiq)
        for (unsigned n = first_banked(Mode::fiq); n != 13; ++n)
            regs[n] = read_fiq(n);
    regs.pc = v.context.pc;
    regs.psr = v.context.psr;
    return regs;
}

void set_trap_registers(Hyp_vcpu &v, Trap_regs const &regs, u32 changed)
{
    unsigned const banked = first_banked(mode_of(v));
    for (; changed; changed &= changed - 1) {
        unsigned const n = static_cast<unsigned>(__builtin_ctz(changed));
        if (n < banked)
            v.context.r[n] = regs[n];
        else
            write_register(v, n, regs[n]);
    }
    v.context.pc = regs.pc;
    v.context.psr = regs.psr;
}

} // namespace vambrace
