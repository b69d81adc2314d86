// SPDX-License-Identifier: Apache-2.0
// A guest's loads and stores where its tables show a device: any instruction the long way, and the usual ones
// of the guest kernel a short way, as long as the page is the one that it has used before.
#include <device/bus.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace {

namespace {

/// LDR, STR, LDRH or STRH of one register in ARM state, without writeback, with an immediate offset or
/// a register as it is (DDI 0100I A5.2.2, A5.2.3, A5.3.2, A5.3.3).
struct Plain_access {
    u32 opcode;

    constexpr bool is_word() const { return bit(opcode, 26); }
    constexpr bool is_load() const { return bit(opcode, 20); }
    constexpr unsigned base() const { return bits(opcode, 19, 16); }
    constexpr unsigned data() const { return bits(opcode, 15, 12); }
    /// Is it one at all? The program counter as base, data or offset has rules of its own.
    constexpr bool is_plain() const
    {
        bool const by_immediate = (opcode & 0x0f600000) == 0x05000000 || (opcode & 0x0f6000f0) == 0x014000b0;
        return base() != 15 && data() != 15 && (by_immediate || is_by_register());
    }
    /// \pre is_plain(). It has trapped, but what was read again need not be what has.
    bool is_executed(u32 psr) const
    {
        constexpr u32 always = 14, unconditional = 15;
        u32 const condition = opcode >> 28;
        return condition == always ||
               (condition != unconditional && condition_passed(Instruction::arm(opcode), psr));
    }
    /// What is added to the base. \pre is_plain()
    u32 offset(Trap_regs const &regs) const
    {
        u32 const halves = bits(opcode, 11, 8) << 4 | bits(opcode, 3, 0);
        u32 const distance = is_by_register() ? regs[bits(opcode, 3, 0)]
                             : is_word()      ? bits(opcode, 11, 0)
                                              : halves;
        return bit(opcode, 23) ? distance : 0 - distance;
    }

  private:
    constexpr bool is_by_register() const
    {
        bool const form = (opcode & 0x0f600ff0) == 0x07000000 || (opcode & 0x0f600ff0) == 0x010000b0;
        return form && bits(opcode, 3, 0) != 15;
    }
};

} // namespace

Result<Transfer> decode_at_pc(Running g)
{
    Result<Instruction> const instruction = fetch(g);
    return instruction ? decode(*instruction, g->vcpu.context.regs, arch::isa) : instruction.error();
}

bool access_device_again(Running g, Va va)
{
    Trap_regs &regs = g->vcpu.context.regs;
    if (!g->shadow.remembers_device(va) || g->vcpu.in_user() || regs.psr & (psr::t | psr::e))
        return false;
    Result<u32> const opcode = arch::load_word(Va {regs.pc & ~3u});
    if (!opcode)
        return false;
    Plain_access const access {*opcode};
    if (!access.is_plain() || !access.is_executed(regs.psr))
        return false;
    u32 const size = access.is_word() ? 4 : 2;
    if (regs[access.base()] + access.offset(regs) != va.value || !is_aligned(va.value, size))
        return false;
    g->counters.count(Counter::mmio);
    Device &device = *g->last_device;
    u32 const at = va.value & (page_size - 4), lane = 8 * (va.value & 2), mask = size == 4 ? ~0u : 0xffff;
    if (access.is_load())
        regs[access.data()] = device.read(at) >> lane & mask;
    else
        device.write(at, (regs[access.data()] & mask) << lane);
    if (device.settle() || access.is_load()) // a load may have changed its own base
        regs.pc += 4;
    return true;
}

/// \param access what the hardware's status said of it: arch::fsr::access_bits()
void access_device(Running g, Va va, Fill const &where, u32 access)
{
    g->counters.count(Counter::mmio);
    u32 const status = arch::fsr::external(where.section) | access;
    Device *const device = g->standard.bus.at(where.ipa);
    if (!device) {
        deliver_abort(g, Abort::data, va, status);
        return;
    }
    Result<Transfer> const transfer = decode_at_pc(g);
    if (g->vcpu.in_user()) // the instruction was read with the kernel's rights
        g->shadow.remove_kernel_only();
    if (!transfer) {
        bool const unaligned = transfer.error() == Error::inval;
        deliver_abort(g, Abort::data, va, unaligned ? arch::fsr::alignment | access : status);
        return;
    }
    if (where.status && (!transfer->load || transfer->form == Transfer::Form::swap)) {
        // a SWP may have met the hardware's fault with its load
        deliver_abort(g, Abort::data, va, where.status | arch::fsr::access_bits(~0u));
        return;
    }
    Device_page page {*device, va};
    Trap_regs const before = g->vcpu.context.regs;
    Performed const done = perform(*transfer, g->vcpu.context.regs, page);
    if (!device->settle())
        g->vcpu.context.regs = before;
    if (done.ok() && !where.status && !g->vcpu.in_user()) {
        g->shadow.remember_device(va);
        g->last_device = device;
    }
    if (!done.ok())
        deliver_abort(g, Abort::data, Va {done.address}, status);
}

} // namespace vambrace
