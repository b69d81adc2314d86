// SPDX-License-Identifier: Apache-2.0
// The Hyp Syndrome Register: why a guest came to HYP mode, and where it goes on (DDI 0406C B3.13.6).
#pragma once
#include <arch/arm/model/psr.hpp>
#include <base/result.hpp>

namespace vambrace {

/// HSR.EC, the exception class. Values without a name are reserved.
enum class Ec : u8 {
    unknown = 0x00,
    wfx = 0x01,             ///< WFI, WFE
    cp15_word = 0x03,       ///< MCR, MRC
    cp15_pair = 0x04,       ///< MCRR, MRRC
    cp14_word = 0x05,       ///< MCR, MRC
    cp14_load_store = 0x06, ///< LDC, STC
    coprocessor = 0x07,     ///< HCPTR: CP0 to CP13, VFP and Advanced SIMD
    cp10_id = 0x08,         ///< VMRS of an identification register
    bxj = 0x0a,
    cp14_pair = 0x0c, ///< MRRC
    svc = 0x11,       ///< routed here by HCR.TGE, or from HYP mode
    hvc = 0x12,
    smc = 0x13,
    guest_prefetch_abort = 0x20,
    own_prefetch_abort = 0x21,
    guest_data_abort = 0x24,
    own_data_abort = 0x25,
};

/// A trapped MCR, MRC, MCRR or MRRC. Any register numbers: r15 of an MRC stands for the flags (APSR), and has
/// no meaning elsewhere.
struct Coprocessor_access {
    u8 coprocessor; ///< 10, 14 or 15
    bool pair;      ///< MCRR, MRRC: CRn and opc2 are 0
    bool read;      ///< MRC, MRRC
    u8 opc1;        ///< 0 to 7; of a pair 0 to 15
    u8 crn, crm;    ///< 0 to 15
    u8 opc2;        ///< 0 to 7
    u8 rt, rt2;     ///< 0 to 15; rt2 of a pair only
};

/// What HCPTR trapped.
struct Hcptr_access {
    bool advanced_simd; ///< TA: an instruction of Advanced SIMD; the coprocessor says nothing then
    u8 coprocessor;     ///< 0 to 13
};

/// What STATUS of an abort says, with the long-descriptor encodings (DDI 0406C table B3-24).
enum class Fault_kind : u8 {
    translation,
    access_flag,
    permission,
    external,         ///< of the access itself, or a parity error
    external_on_walk, ///< of reading a table, or a parity error there
    asynchronous,     ///< external or parity: no instruction is to blame, addresses say nothing
    alignment,
    debug,
    other,
};

constexpr Fault_kind fault_kind(unsigned status)
{
    switch (status & 0x3c) {
    case 0x04: return Fault_kind::translation;
    case 0x08: return Fault_kind::access_flag;
    case 0x0c: return Fault_kind::permission;
    case 0x14:
    case 0x1c: return Fault_kind::external_on_walk;
    default: break;
    }
    switch (status & 0x3f) {
    case 0x10:
    case 0x18: return Fault_kind::external;
    case 0x11:
    case 0x19: return Fault_kind::asynchronous;
    case 0x21: return Fault_kind::alignment;
    case 0x22: return Fault_kind::debug;
    default: return Fault_kind::other;
    }
}

/// A prefetch abort, and what a data abort has in common with it.
struct Abort_syndrome {
    u8 status;           ///< the encoding of the fault, 6 bits
    bool external;       ///< EA: the implementation's own kind of external abort
    bool on_stage1_walk; ///< S1PTW: stage 2 refused a read of the guest's own tables

    constexpr Fault_kind kind() const { return fault_kind(status); }
    /// The level of the tables that a translation, access flag or permission fault is from: 1 to 3.
    constexpr unsigned level() const { return status & 3; }
    /// Does HPFAR say which page it was? Of a permission fault it does only where the guest's tables were
    /// read; else the guest's address has to be translated again (ATS1CPR).
    constexpr bool hpfar_is_valid() const
    {
        switch (kind()) {
        case Fault_kind::translation:
        case Fault_kind::access_flag: return true;
        case Fault_kind::permission: return on_stage1_walk;
        default: return false;
        }
    }
};

struct Data_abort_syndrome : Abort_syndrome {
    bool valid;       ///< the next four say what the access was; else the instruction has to be decoded
    u8 size;          ///< in bytes: 1, 2 or 4
    bool sign_extend; ///< of what is loaded
    u8 rt;            ///< 0 to 14, as the guest's mode has it
    bool write;       ///< of cache maintenance, too
    bool cache_maintenance;
};

class Hsr {
  public:
    explicit constexpr Hsr(u32 word) : word_ {word} {}

    constexpr u32 word() const { return word_; }
    constexpr Ec ec() const { return static_cast<Ec>(bits(word_, 31, 26)); }
    /// IL: the instruction has 32 bits. Says nothing of an abort without syndrome, not even in ARM state.
    constexpr bool il() const { return bit(word_, 25); }
    /// In bytes, of an instruction that IL says something of.
    constexpr unsigned length() const { return 2 + (word_ >> 24 & 2); }
    constexpr u32 iss() const { return bits(word_, 24, 0); }

    /// Is it the trap of an instruction that has a condition, so that ISS[24:20] are CV and COND?
    constexpr bool is_conditional() const { return ec() != Ec::unknown && bits(word_, 31, 30) == 0; }
    constexpr bool cv() const { return bit(word_, 24); }
    constexpr unsigned cond() const { return bits(word_, 23, 20); }

    constexpr bool is_coprocessor_access() const
    {
        switch (ec()) {
        case Ec::cp15_word:
        case Ec::cp15_pair:
        case Ec::cp14_word:
        case Ec::cp14_pair:
        case Ec::cp10_id: return true;
        default: return false;
        }
    }
    /// \pre is_coprocessor_access()
    constexpr Coprocessor_access coprocessor_access() const;
    /// \pre ec() is coprocessor
    constexpr Hcptr_access hcptr_access() const { return {bit(word_, 5), field<3, 0>()}; }
    /// \pre ec() is wfx
    constexpr bool is_wfe() const { return bit(word_, 0); }
    /// The register with the address that BXJ branches to, 0 to 15. \pre ec() is bxj
    constexpr u8 bxj_register() const { return field<3, 0>(); }
    /// The immediate of HVC or SVC. \pre ec() is hvc or svc
    constexpr u16 immediate() const { return static_cast<u16>(word_); }
    /// \pre ec() is a prefetch abort
    constexpr Abort_syndrome prefetch_abort() const { return {field<5, 0>(), bit(word_, 9), bit(word_, 7)}; }
    /// \pre ec() is a data abort
    constexpr Data_abort_syndrome data_abort() const;
    /// Is it a load or store where stage 2 maps nothing, which the syndrome tells all of: one register, no
    /// sign extension? The instruction has been executed, so its condition has passed.
    constexpr bool is_plain_access() const
    {
        constexpr u32 isv = 1 << 24, sse = 1 << 21;
        return (word_ & (unmapped_bits | isv | sse)) == (unmapped_access | isv);
    }
    /// Is it a load or store where stage 2 maps nothing, whatever the syndrome tells of it?
    constexpr bool is_unmapped_access() const { return (word_ & unmapped_bits) == unmapped_access; }
    /// Of a plain access; the size of 8 bytes, which is reserved, has no mask. \pre is_plain_access()
    constexpr unsigned access_register() const { return field<19, 16>(); }
    constexpr bool is_write() const { return bit(word_, 6); }
    constexpr unsigned access_size() const { return 1u << field<23, 22>(); }
    constexpr u32 access_mask() const { return masks[field<23, 22>()]; }

  private:
    static constexpr u32 ec_bits = 0x3fu << 26, ea = 1 << 9, cm = 1 << 8, s1ptw = 1 << 7, level = 3,
                         status_bits = 0x3f, translation = 4;
    static constexpr u32 unmapped_bits = ec_bits | ea | cm | s1ptw | (status_bits & ~level);
    static constexpr u32 unmapped_access = static_cast<u32>(Ec::guest_data_abort) << 26 | translation;

    template <unsigned high, unsigned low>
    constexpr u8 field() const
    {
        return static_cast<u8>(bits(word_, high, low));
    }

    static constexpr u32 masks[] = {0xff, 0xffff, ~0u, ~0u};

    u32 word_;
};

constexpr Coprocessor_access Hsr::coprocessor_access() const
{
    ASSERT(is_coprocessor_access());
    bool const read = bit(word_, 0), pair = ec() == Ec::cp15_pair || ec() == Ec::cp14_pair;
    bool const cp14 = ec() == Ec::cp14_word || ec() == Ec::cp14_pair;
    u8 const coprocessor = ec() == Ec::cp10_id ? 10 : cp14 ? 14 : 15;
    u8 const crm = field<4, 1>(), rt = field<8, 5>();
    if (pair)
        return {coprocessor, true, read, field<19, 16>(), 0, crm, 0, rt, field<13, 10>()};
    return {coprocessor, false, read, field<16, 14>(), field<13, 10>(), crm, field<19, 17>(), rt, 0};
}

constexpr Data_abort_syndrome Hsr::data_abort() const
{
    constexpr u8 reg_pc = 15, reserved_size = 3;
    u8 const size = field<23, 22>(), rt = static_cast<u8>(access_register());
    bool const valid = bit(word_, 24) && size != reserved_size && rt != reg_pc;
    return {{field<5, 0>(), bit(word_, 9), bit(word_, 7)},
            valid,
            static_cast<u8>(1u << (size & 3)),
            bit(word_, 21),
            rt,
            is_write(),
            bit(word_, 8)};
}

/// The condition of the instruction that was trapped. A core may trap one whose condition fails, and of a
/// Thumb instruction it may leave the condition to ITSTATE (CV = 0). \param psr the guest's, there
constexpr unsigned condition_of(Hsr hsr, u32 psr)
{
    if (!hsr.is_conditional())
        return condition_always;
    if (hsr.cv())
        return hsr.cond();
    return psr & psr::t ? it_condition(psr) : condition_always;
}

/// Would the trapped instruction have been executed? If not, it is to be skipped and nothing done.
constexpr bool condition_passed(Hsr hsr, u32 psr) { return condition_holds(condition_of(hsr, psr), psr); }

/// The length of the instruction that was trapped, in bytes. Error::not_supported: HSR does not say, and the
/// instruction has to be read; a data abort without syndrome has IL = 0 whatever the instruction is.
constexpr Result<unsigned> instruction_length(Hsr hsr, u32 psr)
{
    if (!(psr & psr::t))
        return 4u;
    if (hsr.ec() == Ec::guest_data_abort && !hsr.data_abort().valid)
        return Error::not_supported;
    return hsr.il() ? 4u : 2u;
}

/// Where a guest goes on: what ELR_hyp and SPSR_hyp have to hold.
struct Return_state {
    u32 pc, psr;
    constexpr bool operator==(Return_state const &) const = default;
};

/// Goes on behind an instruction of `length` bytes. HVC and SVC have been executed already: not for them.
constexpr Return_state skip_instruction(Return_state at, unsigned length)
{
    return {at.pc + length, advance_it(at.psr)};
}

/// The same, with the length from HSR. Error::not_supported: as instruction_length().
constexpr Result<Return_state> skip_instruction(Return_state at, Hsr hsr)
{
    Result<unsigned> const length = instruction_length(hsr, at.psr);
    return length ? Result<Return_state> {skip_instruction(at, *length)} : length.error();
}

/// The address of an access that stage 2 refused, from HPFAR and the page offset in HDFAR or HIFAR. Of a
/// fault on a stage 1 walk the offset is the access's own and says nothing. Error::address: above 4 GB, which
/// is nobody's. \pre hpfar_is_valid()
constexpr Result<Ipa> fault_ipa(u32 hpfar, u32 far)
{
    return bits(hpfar, 31, 24) ? Result<Ipa> {Error::address}
                               : Ipa {bits(hpfar, 23, 4) << 12 | (far & 0xfff)};
}

/// The same from PAR as ATS1CPR leaves it in HYP mode, in the format of 64 bits. Error::again: the guest's
/// tables do not map it any more, so the instruction is to be executed again. Error::address: as above.
constexpr Result<Ipa> translated_ipa(u64 par, u32 far)
{
    if (par & 1)
        return Error::again;
    return bits(static_cast<u32>(par >> 32), 7, 0)
               ? Result<Ipa> {Error::address}
               : Ipa {(static_cast<u32>(par) & 0xfffff000) | (far & 0xfff)};
}

} // namespace vambrace
