// SPDX-License-Identifier: Apache-2.0
// Decodes coprocessor transfers, SMC and HVC. Thumb-2 encodes the former as ARM does with the condition AL.
#include <arch/arm/model/decoder_parts.hpp>

namespace vambrace {

using decoding::reg_pc;
using decoding::unknown;

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
    skip(regs, 4);
    if (!op.load)
        return;
    if (op.rt == reg_pc)
        regs.psr = bits(regs.psr, 27, 0) | (value & 0xf0000000);
    else
        regs[op.rt] = value;
}

void complete(Coprocessor_pair const &op, Trap_regs &regs, u32 low, u32 high)
{
    skip(regs, 4);
    if (!op.load)
        return;
    regs[op.rt] = low;
    regs[op.rt2] = high;
}

bool is_vfp(Instruction const &instruction)
{
    if (instruction.length != 4)
        return false;
    u32 const opcode = instruction.opcode, group = opcode >> 28;
    bool const coprocessor_10_or_11 = (opcode & 0x0c000e00) == 0x0c000a00 && bits(opcode, 27, 24) != 0xf;
    if (instruction.thumb)
        return (coprocessor_10_or_11 && group == 0xe) || (opcode & 0xef000000) == 0xef000000 ||
               (opcode & 0xff100000) == 0xf9000000;
    return (coprocessor_10_or_11 && group != 0xf) || (opcode & 0xfe000000) == 0xf2000000 ||
           (opcode & 0xff100000) == 0xf4000000;
}

bool is_smc(Instruction const &instruction)
{
    if (instruction.thumb)
        return instruction.length == 4 && (instruction.opcode & 0xfff0ffff) == 0xf7f08000;
    return (instruction.opcode & 0x0ffffff0) == 0x01600070 && instruction.opcode >> 28 != 0xf;
}

bool is_hvc(Instruction const &instruction)
{
    if (instruction.thumb)
        return instruction.length == 4 && (instruction.opcode & 0xfff0f000) == 0xf7e08000;
    return (instruction.opcode & 0xfff000f0) == 0xe1400070;
}

} // namespace vambrace
