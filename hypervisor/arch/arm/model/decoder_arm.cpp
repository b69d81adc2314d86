// SPDX-License-Identifier: Apache-2.0
// Decodes the loads and stores of the ARM instruction set (DDI 0100I A3.11, A4, A5; DDI 0406C A5.2, A5.3).
#include <arch/arm/model/decoder_parts.hpp>

namespace vambrace::decoding {
namespace {

/// Where an access is and what becomes of its base.
struct Indexed {
    u32 address;
    Base base;
};

/// P, U and W of the addressing modes 2 and 3 (A5.2, A5.3). \param registers that are loaded or stored
Result<Indexed> indexed(u32 opcode, Trap_regs const &regs, u32 registers, u32 offset)
{
    bool const before = bit(opcode, 24), writeback = !before || bit(opcode, 21);
    unsigned const rn = bits(opcode, 19, 16);
    if (writeback && (rn == reg_pc || bit(registers, rn)))
        return unknown;
    u32 const base = operand(regs, rn);
    u32 const moved = bit(opcode, 23) ? base + offset : base - offset;
    return Indexed {before ? moved : base, {moved, rn, writeback}};
}

/// May Rm be an offset? Not r15; and not the base, if that is written (A5.2.5, A5.2.8, A5.3.7).
bool offset_register_allowed(u32 opcode)
{
    bool const writeback = !bit(opcode, 24) || bit(opcode, 21);
    unsigned const rm = bits(opcode, 3, 0);
    return rm != reg_pc && !(writeback && rm == bits(opcode, 19, 16));
}

/// Rm shifted by an immediate, RRX with the C flag (A5.2.4).
u32 shifted(u32 opcode, Trap_regs const &regs)
{
    u32 const value = regs[bits(opcode, 3, 0)];
    unsigned const by = bits(opcode, 11, 7);
    switch (bits(opcode, 6, 5)) {
    case 0: return value << by;
    case 1: return by ? value >> by : 0;
    case 2: return static_cast<u32>(static_cast<std::int32_t>(value) >> (by ? by : 31));
    default: return by ? value >> by | value << (32 - by) : u32 {bit(regs.psr, 29)} << 31 | value >> 1;
    }
}

/// LDR, STR, LDRB, STRB and their T forms, which in USR mode are the same (A4.1.23 and others).
Result<Transfer> word_or_byte(u32 opcode, Trap_regs const &regs)
{
    bool const byte = bit(opcode, 22), from_register = bit(opcode, 25);
    bool const t_form = !bit(opcode, 24) && bit(opcode, 21);
    unsigned const rt = bits(opcode, 15, 12);
    if (rt == reg_pc && (byte || t_form))
        return unknown;
    if (from_register && (bit(opcode, 4) || !offset_register_allowed(opcode)))
        return unknown;
    Access const access {static_cast<u8>(byte ? 1 : 4), bit(opcode, 20), false};
    u32 const offset = from_register ? shifted(opcode, regs) : bits(opcode, 11, 0);
    Result<Indexed> const at = indexed(opcode, regs, 1u << rt, offset);
    return at ? Result<Transfer> {single(access, rt, at->address, at->base)} : at.error();
}

/// SWP, SWPB (A4.1.108): SBZ bits 11:8 must be zero.
Result<Transfer> swap(u32 opcode, Trap_regs const &regs)
{
    unsigned const rn = bits(opcode, 19, 16), rt = bits(opcode, 15, 12), rm = bits(opcode, 3, 0);
    if ((opcode & 0x0fb00ff0) != 0x01000090 || rn == reg_pc || rt == reg_pc || rm == reg_pc)
        return unknown;
    if (rn == rt || rn == rm)
        return unknown;
    Transfer t = single({static_cast<u8>(bit(opcode, 22) ? 1 : 4), true, false}, rt, regs[rn]);
    t.form = Transfer::Form::swap;
    t.base = static_cast<u8>(rn);
    t.source = static_cast<u8>(rm);
    return t;
}

/// The offset of addressing mode 3. \param loaded registers that may not be the offset's
Result<u32> offset_3(u32 opcode, Trap_regs const &regs, u32 loaded)
{
    if (bit(opcode, 22))
        return bits(opcode, 11, 8) << 4 | bits(opcode, 3, 0);
    unsigned const rm = bits(opcode, 3, 0);
    if (bits(opcode, 11, 8) || !offset_register_allowed(opcode) || bit(loaded, rm))
        return unknown;
    return regs[rm];
}

/// LDRD and STRD, of an even register and the next.
Result<Transfer> pair(u32 opcode, Trap_regs const &regs)
{
    bool const load = !bit(opcode, 5);
    unsigned const rt = bits(opcode, 15, 12);
    if ((!bit(opcode, 24) && bit(opcode, 21)) || rt & 1 || rt == reg_lr)
        return unknown;
    Pair const registers {rt, rt + 1};
    Result<u32> const offset = offset_3(opcode, regs, load ? registers.registers() : 0);
    if (!offset)
        return offset.error();
    Result<Indexed> const at = indexed(opcode, regs, registers.registers(), *offset);
    return at ? Result<Transfer> {both(load, registers, at->address, at->base)} : at.error();
}

/// LDRH, STRH, LDRSB, LDRSH; their T forms, in USR mode the same, came with ARMv6T2 (DDI 0406C A5.2.9).
Result<Transfer> halfword(u32 opcode, Trap_regs const &regs, Isa isa)
{
    bool const t_form = !bit(opcode, 24) && bit(opcode, 21), load = bit(opcode, 20);
    u32 const kind = bits(opcode, 6, 5);
    unsigned const rt = bits(opcode, 15, 12);
    if (rt == reg_pc || (t_form && isa != Isa::v7))
        return unknown;
    Result<u32> const offset = offset_3(opcode, regs, 0);
    if (!offset)
        return offset.error();
    Result<Indexed> const at = indexed(opcode, regs, 1u << rt, *offset);
    Access const access {static_cast<u8>(kind == 2 ? 1 : 2), load, kind != 1};
    return at ? Result<Transfer> {single(access, rt, at->address, at->base)} : at.error();
}

/// Addressing mode 3 (A5.3): LDRD and STRD are what its signed stores would be.
Result<Transfer> halfword_or_pair(u32 opcode, Trap_regs const &regs, Isa isa)
{
    bool const is_pair = !bit(opcode, 20) && bit(opcode, 6);
    return is_pair ? pair(opcode, regs) : halfword(opcode, regs, isa);
}

/// LDM and STM of the user's own registers (A4.1.20, A4.1.97): the ^ forms have no meaning in USR mode.
Result<Transfer> arm_multiple(u32 opcode, Trap_regs const &regs)
{
    unsigned const rn = bits(opcode, 19, 16);
    if (bit(opcode, 22) || rn == reg_pc)
        return unknown;
    return multiple({.registers = bits(opcode, 15, 0),
                     .base = rn,
                     .load = bit(opcode, 20),
                     .before = bit(opcode, 24),
                     .up = bit(opcode, 23),
                     .writeback = bit(opcode, 21)},
                    regs);
}

/// PLD; from ARMv7 PLDW and PLI as well, all with an immediate or a register (DDI 0406C A5.7.1).
bool is_preload(u32 opcode, Isa isa)
{
    if (isa != Isa::v7)
        return (opcode & 0xfd70f000) == 0xf550f000;
    bool const from_register = bit(opcode, 25);
    bool const data = (opcode & 0xfd30f000) == 0xf510f000, code = (opcode & 0xfd70f000) == 0xf450f000;
    return (data || code) && !(from_register && bit(opcode, 4));
}

} // namespace

Result<Transfer> decode_arm(u32 opcode, Trap_regs const &regs, Isa isa)
{
    if (opcode >> 28 == 0xf)
        return is_preload(opcode, isa) ? Result<Transfer> {Transfer {}} : unknown;
    switch (bits(opcode, 27, 25)) {
    case 0:
        if (!bit(opcode, 7) || !bit(opcode, 4))
            return unknown;
        return bits(opcode, 6, 5) ? halfword_or_pair(opcode, regs, isa) : swap(opcode, regs);
    case 2:
    case 3: return word_or_byte(opcode, regs);
    case 4: return arm_multiple(opcode, regs);
    default: return unknown;
    }
}

} // namespace vambrace::decoding
