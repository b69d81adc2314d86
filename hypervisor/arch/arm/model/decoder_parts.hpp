// SPDX-License-Identifier: Apache-2.0
// What the decoders of the instruction sets share: a load or store once its operands are known.
#pragma once
#include <arch/arm/model/decoder.hpp>

namespace vambrace::decoding {

constexpr Error unknown = Error::not_supported;
constexpr unsigned reg_sp = 13, reg_lr = 14, reg_pc = 15;

/// A register as an operand of an ARM instruction: r15 reads as the instruction's address + 8.
inline u32 operand(Trap_regs const &regs, unsigned n) { return regs[n] + (n == reg_pc ? 8 : 0); }

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

/// LDRD and STRD: the registers of the lower and the upper word.
struct Pair {
    unsigned first, second;
    constexpr u32 registers() const { return 1u << first | 1u << second; }
};

/// Addressing mode 4 (A5.4).
struct Block {
    u32 registers;
    unsigned base;
    bool load;
    bool before;
    bool up;
    bool writeback;
};

Transfer single(Access access, unsigned rt, u32 address, Base const &base = {});
Transfer both(bool load, Pair pair, u32 address, Base const &base);
/// LDM and STM. A stored base must be the lowest register if it is written back.
Result<Transfer> multiple(Block const &block, Trap_regs const &regs);

Result<Transfer> decode_arm(u32 opcode, Trap_regs const &regs, Isa isa);
Result<Transfer> decode_thumb(u16 opcode, Trap_regs const &regs);
/// The 32-bit encodings of Thumb-2; the first halfword is the upper one.
Result<Transfer> decode_thumb2(u32 opcode, Trap_regs const &regs);

} // namespace vambrace::decoding
