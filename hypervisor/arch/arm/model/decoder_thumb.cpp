// SPDX-License-Identifier: Apache-2.0
// Decodes the loads and stores of the Thumb instruction set (DDI 0100I A7).
#include <arch/arm/model/decoder_parts.hpp>

namespace vambrace::decoding {
namespace {

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
    u32 const base = regs[bits(opcode, 5, 3)], rt = bits(opcode, 2, 0);
    if (bits(opcode, 15, 12) == 5)
        return single(by_register[bits(opcode, 11, 9)], rt, base + regs[bits(opcode, 8, 6)]);
    unsigned const size = bits(opcode, 15, 12) == 8 ? 2 : bit(opcode, 12) ? 1 : 4;
    Access const access {static_cast<u8>(size), bit(opcode, 11), false};
    return single(access, rt, base + bits(opcode, 10, 6) * size);
}

} // namespace

Result<Transfer> decode_thumb(u16 opcode, Trap_regs const &regs)
{
    u32 const rt = bits(opcode, 10, 8), offset = bits(opcode, 7, 0) * 4;
    switch (bits(opcode, 15, 12)) {
    case 4:
        if (!bit(opcode, 11))
            return unknown;
        return single({4, true, false}, rt, align_down(regs.pc + 4, 4) + offset);
    case 5:
    case 6:
    case 7:
    case 8: return thumb_low(opcode, regs);
    case 9: return single({4, bit(opcode, 11), false}, rt, regs.sp + offset);
    case 0xb: return push_or_pop(opcode, regs);
    case 0xc: return thumb_multiple(opcode, regs);
    default: return unknown;
    }
}

} // namespace vambrace::decoding
