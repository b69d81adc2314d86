// SPDX-License-Identifier: Apache-2.0
// Decodes the loads, stores and coprocessor transfers of ARMv5TE, ARM and Thumb (DDI 0100I A3.11, A4, A7).
#include <arch/arm/decoder.hpp>

namespace vambrace {
namespace {

constexpr Error unknown = Error::not_supported;
constexpr unsigned reg_sp = 13, reg_lr = 14, reg_pc = 15;

/// A register as an operand of an ARM instruction: r15 reads as the instruction's address + 8.
u32 operand(Trap_regs const &regs, unsigned n) { return regs[n] + (n == reg_pc ? 8 : 0); }

/// What a load or store of one register is, before its address is known.
struct Access {
    u8 size;
    bool load;
    bool sign_extend;
};

/// The base register, and what it becomes if that is written back.
struct Base {
    u32 moved = 0;
    unsigned number = 0;
    bool writeback = false;
};

/// A transfer of one register (or LDRD, STRD): unaligned words are rotated (A2.8), all else that is unaligned
/// is UNPREDICTABLE.
Result<Transfer> single(Access access, u32 registers, u32 address, Base const &base = {})
{
    u32 const unaligned = address & (access.size - 1u);
    if (unaligned) {
        bool const pair = registers & (registers - 1);
        if (access.size != 4 || pair || (access.load && bit(registers, reg_pc)))
            return unknown;
    }
    return Transfer {.address = address - unaligned,
                     .new_base = base.moved,
                     .registers = static_cast<u16>(registers),
                     .size = access.size,
                     .base = static_cast<u8>(base.number),
                     .source = 0,
                     .rotate = static_cast<u8>(access.load ? unaligned * 8 : 0),
                     .load = access.load,
                     .swap = false,
                     .sign_extend = access.sign_extend,
                     .writeback = base.writeback};
}

/// P, U and W of the addressing modes 2 and 3 (A5.2, A5.3).
Result<Transfer> indexed(u32 opcode, Trap_regs const &regs, Access access, u32 registers, u32 offset)
{
    bool const before = bit(opcode, 24), writeback = !before || bit(opcode, 21);
    unsigned const rn = bits(opcode, 19, 16);
    if (writeback && (rn == reg_pc || bit(registers, rn)))
        return unknown;
    u32 const base = operand(regs, rn);
    u32 const moved = bit(opcode, 23) ? base + offset : base - offset;
    return single(access, registers, before ? moved : base, {moved, rn, writeback});
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
    case 0:
        return value << by;
    case 1:
        return by ? value >> by : 0;
    case 2:
        return static_cast<u32>(static_cast<std::int32_t>(value) >> (by ? by : 31));
    default:
        return by ? value >> by | value << (32 - by) : u32 {bit(regs.psr, 29)} << 31 | value >> 1;
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
    return indexed(opcode, regs, access, 1u << rt, offset);
}

/// SWP, SWPB (A4.1.108): SBZ bits 11:8 must be zero.
Result<Transfer> swap(u32 opcode, Trap_regs const &regs)
{
    unsigned const rn = bits(opcode, 19, 16), rt = bits(opcode, 15, 12), rm = bits(opcode, 3, 0);
    if ((opcode & 0x0fb00ff0) != 0x01000090 || rn == reg_pc || rt == reg_pc || rm == reg_pc)
        return unknown;
    if (rn == rt || rn == rm)
        return unknown;
    u32 const unaligned = bit(opcode, 22) ? 0 : regs[rn] & 3;
    return Transfer {.address = regs[rn] - unaligned,
                     .new_base = 0,
                     .registers = static_cast<u16>(1u << rt),
                     .size = static_cast<u8>(bit(opcode, 22) ? 1 : 4),
                     .base = static_cast<u8>(rn),
                     .source = static_cast<u8>(rm),
                     .rotate = static_cast<u8>(unaligned * 8),
                     .load = true,
                     .swap = true,
                     .sign_extend = false,
                     .writeback = false};
}

/// LDRH, STRH, LDRSB, LDRSH, LDRD, STRD (addressing mode 3, A5.3).
Result<Transfer> halfword_or_pair(u32 opcode, Trap_regs const &regs)
{
    static constexpr Access accesses[] = {
        {0, false, false}, {2, false, false}, {4, true, false}, {4, false, false}, // bit 20 = 0
        {0, false, false}, {2, true, false},  {1, true, true},  {2, true, true},   // bit 20 = 1
    };
    Access const access = accesses[bit(opcode, 20) << 2 | bits(opcode, 6, 5)];
    bool const pair = access.size == 4, immediate = bit(opcode, 22);
    unsigned const rt = bits(opcode, 15, 12);
    if (!bit(opcode, 24) && bit(opcode, 21))
        return unknown;
    if (pair ? rt & 1 || rt == reg_lr : rt == reg_pc)
        return unknown;
    u32 const registers = (pair ? 3u : 1u) << rt;
    if (immediate)
        return indexed(opcode, regs, access, registers, bits(opcode, 11, 8) << 4 | bits(opcode, 3, 0));
    unsigned const rm = bits(opcode, 3, 0);
    if (bits(opcode, 11, 8) || !offset_register_allowed(opcode))
        return unknown;
    if (pair && access.load && bit(registers, rm))
        return unknown;
    return indexed(opcode, regs, access, registers, regs[rm]);
}

/// Addressing mode 4 (A5.4).
struct Block {
    u32 registers;
    unsigned base;
    bool load;
    bool before;
    bool up;
    bool writeback;
};

/// LDM and STM in either instruction set. A stored base must be the lowest register if it is written back.
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
    return Transfer {.address = align_down(start, 4),
                     .new_base = end,
                     .registers = static_cast<u16>(block.registers),
                     .size = 4,
                     .base = static_cast<u8>(block.base),
                     .source = 0,
                     .rotate = 0,
                     .load = block.load,
                     .swap = false,
                     .sign_extend = false,
                     .writeback = block.writeback};
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

/// PUSH and POP (A7.1.49, A7.1.50); bit 8 adds lr or pc.
Result<Transfer> push_or_pop(u32 opcode, Trap_regs const &regs)
{
    bool const load = bit(opcode, 11);
    if ((opcode & 0xf600) != 0xb400)
        return unknown;
    u32 const extra = bit(opcode, 8) ? 1u << (load ? reg_pc : reg_lr) : 0;
    return multiple({.registers = bits(opcode, 7, 0) | extra,
                     .base = reg_sp,
                     .load = load,
                     .before = !load,
                     .up = load,
                     .writeback = true},
                    regs);
}

/// LDMIA and STMIA (A7.1.30, A7.1.57): a base that is loaded keeps what was loaded.
Result<Transfer> thumb_multiple(u32 opcode, Trap_regs const &regs)
{
    bool const load = bit(opcode, 11);
    unsigned const rn = bits(opcode, 10, 8);
    return multiple({.registers = bits(opcode, 7, 0),
                     .base = rn,
                     .load = load,
                     .before = false,
                     .up = true,
                     .writeback = !(load && bit(opcode, rn))},
                    regs);
}

/// Base and offset in low registers: [Rn, Rm] and [Rn, #imm5 * size].
Result<Transfer> thumb_low(u32 opcode, Trap_regs const &regs)
{
    static constexpr Access by_register[] = {
        {4, false, false}, {2, false, false}, {1, false, false}, {1, true, true},
        {4, true, false},  {2, true, false},  {1, true, false},  {2, true, true},
    };
    u32 const base = regs[bits(opcode, 5, 3)], rt = 1u << bits(opcode, 2, 0);
    if (bits(opcode, 15, 12) == 5)
        return single(by_register[bits(opcode, 11, 9)], rt, base + regs[bits(opcode, 8, 6)]);
    unsigned const size = bits(opcode, 15, 12) == 8 ? 2 : bit(opcode, 12) ? 1 : 4;
    Access const access {static_cast<u8>(size), bit(opcode, 11), false};
    return single(access, rt, base + bits(opcode, 10, 6) * size);
}

bool is_pld(u32 opcode) { return (opcode & 0xfd70f000) == 0xf550f000; }

} // namespace

bool condition_passed(u32 opcode, u32 psr)
{
    // Bit n: passes if NZCV = n (A3.2.1).
    static constexpr u16 passes[] = {
        0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555,
        0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0xffff,
    };
    return bit(passes[opcode >> 28], psr >> 28);
}

Result<Transfer> decode_arm(u32 opcode, Trap_regs const &regs)
{
    if (opcode >> 28 == 0xf)
        return is_pld(opcode) ? Result<Transfer> {Transfer {}} : unknown;
    if (!condition_passed(opcode, regs.psr))
        return Transfer {};
    switch (bits(opcode, 27, 25)) {
    case 0:
        if (!bit(opcode, 7) || !bit(opcode, 4))
            return unknown;
        return bits(opcode, 6, 5) ? halfword_or_pair(opcode, regs) : swap(opcode, regs);
    case 2:
    case 3:
        return word_or_byte(opcode, regs);
    case 4:
        return arm_multiple(opcode, regs);
    default:
        return unknown;
    }
}

Result<Transfer> decode_thumb(u16 opcode, Trap_regs const &regs)
{
    u32 const rt = 1u << bits(opcode, 10, 8), offset = bits(opcode, 7, 0) * 4;
    switch (bits(opcode, 15, 12)) {
    case 4:
        if (!bit(opcode, 11))
            return unknown;
        return single({4, true, false}, rt, align_down(regs.pc + 4, 4) + offset);
    case 5:
    case 6:
    case 7:
    case 8:
        return thumb_low(opcode, regs);
    case 9:
        return single({4, bit(opcode, 11), false}, rt, regs.sp + offset);
    case 0xb:
        return push_or_pop(opcode, regs);
    case 0xc:
        return thumb_multiple(opcode, regs);
    default:
        return unknown;
    }
}

Result<Coprocessor_op> decode_coprocessor(u32 opcode)
{
    if ((opcode & 0x0f000010) != 0x0e000010 || opcode >> 28 == 0xf)
        return unknown;
    return Coprocessor_op {.load = bit(opcode, 20),
                           .coprocessor = static_cast<u8>(bits(opcode, 11, 8)),
                           .opc1 = static_cast<u8>(bits(opcode, 23, 21)),
                           .crn = static_cast<u8>(bits(opcode, 19, 16)),
                           .crm = static_cast<u8>(bits(opcode, 3, 0)),
                           .opc2 = static_cast<u8>(bits(opcode, 7, 5)),
                           .rt = static_cast<u8>(bits(opcode, 15, 12))};
}

Result<Coprocessor_pair> decode_coprocessor_pair(u32 opcode)
{
    Coprocessor_pair const op {.load = bit(opcode, 20),
                               .coprocessor = static_cast<u8>(bits(opcode, 11, 8)),
                               .opc1 = static_cast<u8>(bits(opcode, 7, 4)),
                               .crm = static_cast<u8>(bits(opcode, 3, 0)),
                               .rt = static_cast<u8>(bits(opcode, 15, 12)),
                               .rt2 = static_cast<u8>(bits(opcode, 19, 16))};
    bool const pair = (opcode & 0x0fe00000) == 0x0c400000 && opcode >> 28 != 0xf;
    if (!pair || op.rt == reg_pc || op.rt2 == reg_pc)
        return unknown;
    return op;
}

void complete(Coprocessor_op const &op, Trap_regs &regs, u32 value)
{
    skip(regs);
    if (!op.load)
        return;
    if (op.rt == reg_pc)
        regs.psr = bits(regs.psr, 27, 0) | (value & 0xf0000000);
    else
        regs[op.rt] = value;
}

bool is_smc(u32 opcode) { return (opcode & 0x0ffffff0) == 0x01600070 && opcode >> 28 != 0xf; }
bool is_hvc(u32 opcode) { return (opcode & 0xfff000f0) == 0xe1400070; }

namespace detail {
namespace {

u32 extended(Transfer const &transfer, u32 value)
{
    switch (transfer.size) {
    case 1:
        return transfer.sign_extend ? static_cast<u32>(static_cast<std::int8_t>(value)) : value & 0xff;
    case 2:
        return transfer.sign_extend ? static_cast<u32>(static_cast<std::int16_t>(value)) : value & 0xffff;
    default:
        return transfer.rotate ? value >> transfer.rotate | value << (32 - transfer.rotate) : value;
    }
}

/// A load to pc interworks (A4.1.23). Where bits 1:0 are UNPREDICTABLE 0b10, bit 1 is ignored.
void jump(Trap_regs &regs, u32 to)
{
    bool const thumb = to & 1;
    regs.psr = thumb ? regs.psr | psr::t : regs.psr & ~psr::t;
    regs.pc = align_down(to, thumb ? 2 : 4);
}

} // namespace

/// A stored pc is the instruction's address + 8, which A2.4.3 leaves to the implementation.
u32 stored_value(Transfer const &transfer, unsigned n, Trap_regs const &regs)
{
    u32 const value = operand(regs, n);
    return transfer.size == 4 ? value : value & ((1u << 8 * transfer.size) - 1);
}

void commit(Transfer const &transfer, Trap_regs &regs, u32 const *loaded)
{
    skip(regs);
    if (transfer.writeback)
        regs[transfer.base] = transfer.new_base;
    if (!transfer.load)
        return;
    for (u32 left = transfer.registers; left; left &= left - 1) {
        unsigned const n = static_cast<unsigned>(__builtin_ctz(left));
        u32 const value = extended(transfer, *loaded++);
        if (n == reg_pc)
            jump(regs, value);
        else
            regs[n] = value;
    }
}

} // namespace detail
} // namespace vambrace
