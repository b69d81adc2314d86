// SPDX-License-Identifier: Apache-2.0
// What a trapped instruction of a guest does: loads and stores, coprocessor transfers, SMC and HVC.
#pragma once
#include <arch/arm/model/trap_regs.hpp>
#include <base/result.hpp>

namespace vambrace {

/// Which architecture's rules: what is unaligned, which encodings there are.
enum class Isa : u8 { v5, v6, v7 };

/// An instruction as it stands in memory. One of two halfwords has the first one in its upper half.
struct Instruction {
    u32 opcode;
    bool thumb;
    u8 length; ///< in bytes

    static constexpr Instruction arm(u32 opcode) { return {opcode, false, 4}; }
    static constexpr Instruction thumb16(u16 opcode) { return {opcode, true, 2}; }
    static constexpr Instruction thumb32(u16 first, u16 second)
    {
        return {u32 {first} << 16 | second, true, 4};
    }
    /// Has the Thumb instruction that begins so a second halfword? DDI 0406C A6.1.
    static constexpr bool is_thumb32(u16 first, Isa isa) { return isa == Isa::v7 && first >= 0xe800; }
};

/// One load or store, decoded with the registers it had. At most 16 accesses of `size` bytes at ascending
/// addresses, one for each bit of `registers`, lowest first. No accesses: a PLD or a condition that failed.
struct Transfer {
    enum class Form : u8 {
        plain,
        block, ///< LDM, STM
        pair,  ///< LDRD, STRD: of `first` and `second`, which may be the same or the other way round
        swap,  ///< SWP: load, then store `source` at the same address
    };

    u32 address;   ///< of the first access, a multiple of `size`
    u32 new_base;  ///< what writeback stores in `base`
    u16 registers; ///< loaded or stored; a swap's: the one loaded
    Form form;
    u8 size;          ///< of one access in bytes: 1, 2 or 4
    u8 length;        ///< of the instruction in bytes
    u8 base;          ///< number of the base register
    u8 source;        ///< swap: number of the register stored
    u8 first, second; ///< of a pair
    u8 rotate;        ///< loaded word: rotated right by this many bits (ARMv5's unaligned load)
    bool load;        ///< a swap too
    bool sign_extend; ///< of what is loaded
    bool writeback;

    /// The registers that it changes, a bit each.
    constexpr u32 changed() const { return (load ? registers : 0u) | (writeback ? 1u << base : 0u); }
};

/// A transfer's registers in the order of their addresses.
class Transfer_order {
  public:
    explicit constexpr Transfer_order(Transfer const &t) : transfer_ {t}, left_ {t.registers} {}
    explicit constexpr operator bool() const { return is_pair() ? next_ != 2 : left_ != 0; }
    constexpr unsigned number() const
    {
        if (is_pair())
            return next_ ? transfer_.second : transfer_.first;
        return static_cast<unsigned>(__builtin_ctz(left_));
    }
    constexpr void next()
    {
        ++next_;
        left_ &= left_ - 1;
    }

  private:
    constexpr bool is_pair() const { return transfer_.form == Transfer::Form::pair; }

    Transfer const &transfer_;
    u32 left_;
    unsigned next_ = 0;
};

/// How an emulated access ended.
struct [[nodiscard]] Performed {
    Error error; ///< none: done, and pc is behind the instruction (or was loaded). Else no register changed
    u32 address; ///< of the access that failed
    constexpr bool ok() const { return error == Error::none; }
};

/// Would the processor execute it with these flags, and in Thumb state with this ITSTATE? The unconditional
/// space (cond = 0b1111): yes.
bool condition_passed(Instruction const &instruction, u32 psr);

/// Decodes a load or store; `regs` are the guest's at the instruction, pc its address. The opcode is hostile.
/// Error::not_supported: not a load or store, an exclusive one, a form with user-bank registers, or
/// UNPREDICTABLE (DDI 0100I A4, A7; DDI 0406C A8.8); the caller delivers an abort or an undefined
/// instruction. Error::inval: unaligned, from ARMv6 on; ARMv5's rules (DDI 0100I A2.8) are applied.
Result<Transfer> decode(Instruction const &instruction, Trap_regs const &regs, Isa isa);

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
void complete(Coprocessor_pair const &op, Trap_regs &regs, u32 low, u32 high);

/// An instruction of VFP or NEON, those that transfer a system register included (DDI 0406C A5.1, A6.3, A7).
bool is_vfp(Instruction const &instruction);

/// Any condition is accepted; the caller asks condition_passed().
bool is_smc(Instruction const &instruction);
/// An ARM HVC with a condition other than AL is UNPREDICTABLE (DDI 0406C B9.3.4) and not recognised.
bool is_hvc(Instruction const &instruction);

/// Moves pc behind the instruction, and ITSTATE to the next one.
void skip(Trap_regs &regs, unsigned length);

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
    bool const swap = transfer.form == Transfer::Form::swap;
    for (Transfer_order order {transfer}; order; order.next(), address += transfer.size) {
        if (transfer.load) {
            Result<u32> const value = bus.read(address, transfer.size);
            if (!value)
                return {value.error(), address};
            loaded[next++] = *value;
        }
        if (!transfer.load || swap) {
            u32 const value = detail::stored_value(transfer, swap ? transfer.source : order.number(), regs);
            if (Error const error = bus.write(address, transfer.size, value); error != Error::none)
                return {error, address};
        }
    }
    detail::commit(transfer, regs, loaded);
    return {Error::none, 0};
}

} // namespace vambrace
