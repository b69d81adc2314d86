// SPDX-License-Identifier: Apache-2.0
// Decodes the loads and stores of Thumb-2 that have 32 bits (DDI 0406C A6.3.5 to A6.3.10, A8.8).
#include <arch/arm/model/decoder_parts.hpp>

namespace vambrace::decoding {
namespace {

/// "sp or pc", which most operands may not be.
constexpr bool is_bad(unsigned n) { return n == reg_sp || n == reg_pc; }

/// The base of a literal: Align(PC, 4).
u32 literal_base(Trap_regs const &regs) { return align_down(regs.pc + 4, 4); }

/// LDM, STM, increment after or decrement before (A6.3.5).
Result<Transfer> multiple_2(u32 opcode, Trap_regs const &regs)
{
    bool const load = bit(opcode, 20), writeback = bit(opcode, 21);
    unsigned const rn = bits(opcode, 19, 16);
    u32 const list = bits(opcode, 15, 0), kind = bits(opcode, 24, 23);
    bool const one_register = (list & (list - 1)) == 0;
    if (kind == 0 || kind == 3 || rn == reg_pc || one_register || bit(list, reg_sp))
        return unknown;
    if (load ? bit(list, reg_pc) && bit(list, reg_lr) : bit(list, reg_pc))
        return unknown;
    if (writeback && bit(list, rn))
        return unknown;
    return multiple({.registers = list,
                     .base = rn,
                     .load = load,
                     .before = kind == 2,
                     .up = kind == 1,
                     .writeback = writeback},
                    regs);
}

/// LDRD and STRD; the rest of A6.3.6 is exclusive, or a table branch.
Result<Transfer> pair_2(u32 opcode, Trap_regs const &regs)
{
    bool const load = bit(opcode, 20), writeback = bit(opcode, 21), before = bit(opcode, 24);
    unsigned const rn = bits(opcode, 19, 16);
    Pair const pair {bits(opcode, 15, 12), bits(opcode, 11, 8)};
    if ((!before && !writeback) || is_bad(pair.first) || is_bad(pair.second))
        return unknown;
    if (load && pair.first == pair.second)
        return unknown;
    if (writeback && (rn == reg_pc || bit(pair.registers(), rn)))
        return unknown;
    if (rn == reg_pc && !load)
        return unknown;
    u32 const base = rn == reg_pc ? literal_base(regs) : regs[rn], offset = bits(opcode, 7, 0) * 4;
    u32 const moved = bit(opcode, 23) ? base + offset : base - offset;
    return both(load, pair, before ? moved : base, {moved, rn, writeback});
}

/// Where an access is and what becomes of its base; `plain`: a form that Rt = 15 turns into a preload.
struct Where {
    u32 address;
    Base base;
    bool plain;
};

/// Bit 11 clear: a register, shifted left by up to 3.
Result<Where> from_register(u32 opcode, Trap_regs const &regs)
{
    unsigned const rm = bits(opcode, 3, 0);
    if (bits(opcode, 10, 6) || is_bad(rm))
        return unknown;
    return Where {regs[bits(opcode, 19, 16)] + (regs[rm] << bits(opcode, 5, 4)), {}, true};
}

/// Bit 11 set: 8 bits with P, U and W. P = U = 1, W = 0 is a T form, which in USR mode is the same.
Result<Where> from_immediate8(u32 opcode, Trap_regs const &regs)
{
    unsigned const rn = bits(opcode, 19, 16);
    bool const before = bit(opcode, 10), up = bit(opcode, 9), writeback = bit(opcode, 8);
    if ((!before && !writeback) || (writeback && rn == bits(opcode, 15, 12)))
        return unknown;
    u32 const base = regs[rn], offset = bits(opcode, 7, 0), moved = up ? base + offset : base - offset;
    return Where {before ? moved : base, {moved, rn, writeback}, before && !up && !writeback};
}

Result<Where> where(u32 opcode, Trap_regs const &regs)
{
    unsigned const rn = bits(opcode, 19, 16);
    u32 const offset = bits(opcode, 11, 0);
    if (rn == reg_pc) {
        if (!bit(opcode, 20))
            return unknown;
        u32 const base = literal_base(regs);
        return Where {bit(opcode, 23) ? base + offset : base - offset, {}, true};
    }
    if (bit(opcode, 23))
        return Where {regs[rn] + offset, {}, true};
    return bit(opcode, 11) ? from_immediate8(opcode, regs) : from_register(opcode, regs);
}

/// One register (A6.3.7 to A6.3.10).
Result<Transfer> single_2(u32 opcode, Trap_regs const &regs)
{
    bool const load = bit(opcode, 20), sign = bit(opcode, 24);
    u32 const size = 1u << bits(opcode, 22, 21);
    unsigned const rt = bits(opcode, 15, 12);
    if (size == 8 || (sign && (!load || size == 4)))
        return unknown;
    Result<Where> const at = where(opcode, regs);
    if (!at)
        return at.error();
    bool const word_load = load && size == 4;
    if (rt == reg_pc && load && !word_load && at->plain)
        return Transfer {}; // PLD, PLDW, PLI
    if (rt == reg_pc ? !word_load : rt == reg_sp && size != 4)
        return unknown;
    return single({static_cast<u8>(size), load, sign}, rt, at->address, at->base);
}

} // namespace

Result<Transfer> decode_thumb2(u32 opcode, Trap_regs const &regs)
{
    if ((opcode & 0xfe400000) == 0xe8000000)
        return multiple_2(opcode, regs);
    if ((opcode & 0xfe400000) == 0xe8400000)
        return pair_2(opcode, regs);
    if ((opcode & 0xfe000000) == 0xf8000000)
        return single_2(opcode, regs);
    return unknown;
}

} // namespace vambrace::decoding
