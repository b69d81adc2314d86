// SPDX-License-Identifier: Apache-2.0
// What a trapped instruction of a guest does: loads and stores, coprocessor transfers, SMC and HVC.
#pragma once
#include <arch/arm/trap_regs.hpp>
#include <base/result.hpp>

namespace vambrace {

/// One load or store, decoded with the registers it had. At most 16 accesses of `size` bytes at ascending
/// addresses, one for each bit of `registers`, lowest first. No accesses: a PLD or a condition that failed.
struct Transfer {
    u32 address;      ///< of the first access; word accesses are aligned as ARMv5 does (DDI 0100I A2.8)
    u32 new_base;     ///< what writeback stores in `base`
    u16 registers;    ///< loaded or stored; a swap's: the one loaded
    u8 size;          ///< of one access in bytes: 1, 2 or 4
    u8 base;          ///< number of the base register
    u8 source;        ///< swap: number of the register stored
    u8 rotate;        ///< loaded word: rotated right by this many bits (ARMv5's unaligned load)
    bool load;        ///< a swap too
    bool swap;        ///< load, then store at the same address
    bool sign_extend; ///< of what is loaded
    bool writeback;
};

/// How an emulated access ended.
struct [[nodiscard]] Performed {
    Error error; ///< none: done, and pc is behind the instruction (or was loaded). Else no register changed
    u32 address; ///< of the access that failed
    constexpr bool ok() const { return error == Error::none; }
};

/// Would the processor execute it with these flags? The unconditional space (cond = 0b1111): yes.
bool condition_passed(u32 opcode, u32 psr);

/// Decodes a load or store; `regs` are the guest's at the instruction, pc its address. The opcode is hostile.
/// Error::not_supported: not a load or store, a form with user-bank registers, or UNPREDICTABLE (DDI 0100I
/// A4, A7); the caller delivers an abort or an undefined instruction.
Result<Transfer> decode_arm(u32 opcode, Trap_regs const &regs);
Result<Transfer> decode_thumb(u16 opcode, Trap_regs const &regs);

/// MRC or MCR (A1 encodings, any coprocessor).
struct Coprocessor_op {
    bool load; ///< MRC
    u8 coprocessor;
    u8 opc1, crn, crm, opc2;
    u8 rt;
};

/// MRRC or MCRR (A1 encodings, any coprocessor).
struct Coprocessor_pair {
    bool load; ///< MRRC
    u8 coprocessor;
    u8 opc1, crm;
    u8 rt, rt2;
};

/// Error::not_supported: something else, or the unconditional MRC2/MCR2. The condition is not looked at.
Result<Coprocessor_op> decode_coprocessor(u32 opcode);
/// Error::not_supported: something else, the unconditional forms, and r15 (DDI 0406C A8.8.99, A8.8.108).
Result<Coprocessor_pair> decode_coprocessor_pair(u32 opcode);

/// Ends an emulated MRC or MCR: an MRC's value goes to its register, or with r15 bits 31:28 to the flags
/// (DDI 0100I A4.1.47); pc moves on.
void complete(Coprocessor_op const &op, Trap_regs &regs, u32 value);

/// Any condition is accepted; the caller asks condition_passed().
bool is_smc(u32 opcode);
/// HVC with a condition other than AL is UNPREDICTABLE (DDI 0406C B9.3.4) and not recognised.
bool is_hvc(u32 opcode);

/// Moves pc behind the instruction, 4 bytes or in Thumb state 2.
inline void skip(Trap_regs &regs) { regs.pc += regs.thumb() ? 2 : 4; }

/// perform()'s parts that need no bus.
namespace detail {
u32 stored_value(Transfer const &transfer, unsigned n, Trap_regs const &regs);
void commit(Transfer const &transfer, Trap_regs &regs, u32 const *loaded);
} // namespace detail

/// Does it on a Bus: `Result<u32> read(u32 address, unsigned size)`, `Error write(u32 address, unsigned size,
/// u32 value)`. Addresses ascend and may wrap round: the bus checks each one. A failed access ends it with no
/// register changed, but the bus keeps what earlier accesses of the same instruction did, as real ones do.
template <typename Bus>
Performed perform(Transfer const &transfer, Trap_regs &regs, Bus &bus)
{
    u32 loaded[16];
    u32 address = transfer.address;
    unsigned next = 0;
    for (u32 left = transfer.registers; left; left &= left - 1, address += transfer.size) {
        unsigned const n = static_cast<unsigned>(__builtin_ctz(left));
        if (transfer.load) {
            Result<u32> const value = bus.read(address, transfer.size);
            if (!value)
                return {value.error(), address};
            loaded[next++] = *value;
        }
        if (!transfer.load || transfer.swap) {
            u32 const value = detail::stored_value(transfer, transfer.swap ? transfer.source : n, regs);
            if (Error const error = bus.write(address, transfer.size, value); error != Error::none)
                return {error, address};
        }
    }
    detail::commit(transfer, regs, loaded);
    return {Error::none, 0};
}

} // namespace vambrace
