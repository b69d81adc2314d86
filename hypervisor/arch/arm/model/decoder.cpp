// SPDX-License-Identifier: Apache-2.0
// Loads and stores of a guest: which decoder, what an unaligned address means, and what remains to be done.
#include <arch/arm/model/decoder_parts.hpp>

namespace vambrace {
namespace {

using namespace decoding;
using Form = Transfer::Form;

/// ARMv5 rotates a word and ignores bits 1:0 of an LDM or STM (DDI 0100I A2.8); all else that is unaligned is
/// UNPREDICTABLE.
Result<Transfer> fit_v5(Transfer t)
{
    u32 const unaligned = t.address & (t.size - 1u);
    t.address -= unaligned;
    if (t.form == Form::block)
        return t;
    if (t.size != 4 || t.form == Form::pair || (t.load && bit(t.registers, reg_pc)))
        return unknown;
    t.rotate = static_cast<u8>(t.load ? unaligned * 8 : 0);
    return t;
}

Result<Transfer> decode_executed(Instruction const &instruction, Trap_regs const &regs, Isa isa)
{
    if (!instruction.thumb)
        return decode_arm(instruction.opcode, regs, isa);
    if (instruction.length == 2)
        return decode_thumb(static_cast<u16>(instruction.opcode), regs);
    return decode_thumb2(instruction.opcode, regs);
}

} // namespace

bool condition_passed(Instruction const &instruction, u32 psr)
{
    return condition_holds(instruction.thumb ? it_condition(psr) : instruction.opcode >> 28, psr);
}

void skip(Trap_regs &regs, unsigned length)
{
    regs.pc += length;
    if (it_state(regs.psr))
        regs.psr = advance_it(regs.psr);
}

Result<Transfer> decode(Instruction const &instruction, Trap_regs const &regs, Isa isa)
{
    Result<Transfer> transfer = condition_passed(instruction, regs.psr)
                                    ? decode_executed(instruction, regs, isa)
                                    : Result<Transfer> {Transfer {}};
    if (!transfer)
        return transfer;
    Transfer &done = *transfer;
    done.length = instruction.length;
    if (!done.registers || is_aligned(done.address, done.size))
        return transfer;
    return isa == Isa::v5 ? fit_v5(done) : Error::inval;
}

namespace decoding {

Transfer single(Access access, unsigned rt, u32 address, Base const &base)
{
    Transfer t {};
    t.address = address;
    t.new_base = base.moved;
    t.registers = static_cast<u16>(1u << rt);
    t.size = access.size;
    t.base = static_cast<u8>(base.number);
    t.load = access.load;
    t.sign_extend = access.sign_extend;
    t.writeback = base.writeback;
    return t;
}

Transfer both(bool load, Pair pair, u32 address, Base const &base)
{
    Transfer t = single({4, load, false}, pair.first, address, base);
    t.form = Form::pair;
    t.registers = static_cast<u16>(pair.registers());
    t.first = static_cast<u8>(pair.first);
    t.second = static_cast<u8>(pair.second);
    return t;
}

Result<Transfer> multiple(Block const &block, Trap_regs const &regs)
{
    if (!block.registers)
        return unknown;
    if (block.writeback && bit(block.registers, block.base)) {
        bool const lowest = !(block.registers & ((1u << block.base) - 1));
        if (block.load || !lowest)
            return unknown;
    }
    u32 size = 0;
    for (u32 left = block.registers; left; left &= left - 1)
        size += 4;
    u32 const base = regs[block.base], end = block.up ? base + size : base - size;
    u32 const start = (block.up ? base : end) + (block.before == block.up ? 4 : 0);
    Transfer t {};
    t.form = Transfer::Form::block;
    t.address = start;
    t.new_base = end;
    t.registers = static_cast<u16>(block.registers);
    t.size = 4;
    t.base = static_cast<u8>(block.base);
    t.load = block.load;
    t.writeback = block.writeback;
    return t;
}

} // namespace decoding

namespace detail {
namespace {

/// CPSR.E: the bytes of each access are the other way round in memory.
u32 as_stored(u32 value, unsigned size, u32 psr)
{
    if (!(psr & psr::e) || size == 1)
        return value;
    return size == 2 ? __builtin_bswap16(static_cast<u16>(value)) : __builtin_bswap32(value);
}

u32 extended(Transfer const &transfer, u32 value)
{
    switch (transfer.size) {
    case 1: return transfer.sign_extend ? static_cast<u32>(static_cast<std::int8_t>(value)) : value & 0xff;
    case 2: return transfer.sign_extend ? static_cast<u32>(static_cast<std::int16_t>(value)) : value & 0xffff;
    default: return transfer.rotate ? value >> transfer.rotate | value << (32 - transfer.rotate) : value;
    }
}

/// A load to pc interworks (A4.1.23). Where bits 1:0 are UNPREDICTABLE 0b10, bit 1 is ignored.
void jump(Trap_regs &regs, u32 to)
{
    bool const thumb = to & 1;
    regs.psr = with_it_state(thumb ? regs.psr | psr::t : regs.psr & ~psr::t, 0);
    regs.pc = align_down(to, thumb ? 2 : 4);
}

} // namespace

/// A stored pc is the instruction's address + 8, which A2.4.3 leaves to the implementation.
u32 stored_value(Transfer const &transfer, unsigned n, Trap_regs const &regs)
{
    u32 const value = operand(regs, n);
    u32 const part = transfer.size == 4 ? value : value & ((1u << 8 * transfer.size) - 1);
    return as_stored(part, transfer.size, regs.psr);
}

void commit(Transfer const &transfer, Trap_regs &regs, u32 const *loaded)
{
    u32 const psr = regs.psr;
    skip(regs, transfer.length);
    if (transfer.writeback)
        regs[transfer.base] = transfer.new_base;
    if (!transfer.load)
        return;
    for (Transfer_order order {transfer}; order; order.next()) {
        unsigned const n = order.number();
        u32 const value = extended(transfer, as_stored(*loaded++, transfer.size, psr));
        if (n == reg_pc)
            jump(regs, value);
        else
            regs[n] = value;
    }
}

} // namespace detail
} // namespace vambrace
