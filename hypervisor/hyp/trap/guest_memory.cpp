// SPDX-License-Identifier: Apache-2.0
// The guest's addresses as its own tables translate them, asked of the hardware.
#include <hyp/trap/trap.hpp>

namespace vambrace {

namespace {

using namespace armv7ve;

/// PAR belongs to the guest, which may be between a translation of its own and the result.
class Par_of_guest {
  public:
    Par_of_guest() : value_ {Par::read()} {}
    ~Par_of_guest() { Par::write(value_); }
    Par_of_guest(Par_of_guest const &) = delete;
    Par_of_guest &operator=(Par_of_guest const &) = delete;

  private:
    u64 const value_;
};

/// By the first stage alone, for a read with the rights of the guest's mode.
Result<Ipa> translate(Va va, bool user)
{
    constexpr u64 fault =
        1; // PAR.F, if the operation aborts because the guest's tables are where no memory is
    Par_of_guest const restored {};
    Par::write(fault);
    if (user)
        Ats1cur::write_address(va.value);
    else
        Ats1cpr::write_address(va.value);
    isb();
    return translated_ipa(Par::read(), va.value);
}

/// What the guest executes there, a word or a halfword of its RAM or firmware. \pre va is aligned to its size
template <typename T>
Result<T> read_code(Hyp_vcpu const &v, Va va)
{
    bool const user = (v.context.psr & psr::mode_mask) == psr::user;
    Result<Ipa> const ipa = translate(va, user);
    if (!ipa)
        return ipa.error();
    Hyp_guest const &d = guest_of(const_cast<Hyp_vcpu &>(v));
    Result<Frame> const frame = d.stage2.code_at(d.memory, *ipa);
    if (!frame)
        return frame.error();
    u32 const ram = d.processor.ram();
    u8 const *const page = arm::ram_at(frame->physical(), ram);
    return *reinterpret_cast<T const volatile *>(page + (ipa->value & (page_size - sizeof(T))));
}

} // namespace

Result<Instruction> fetch(Hyp_vcpu const &v)
{
    u32 const pc = v.context.pc;
    if (!(v.context.psr & psr::t)) {
        Result<u32> const word = read_code<u32>(v, Va {pc});
        return word ? Result<Instruction> {Instruction::arm(*word)} : word.error();
    }
    Result<u16> const first = read_code<u16>(v, Va {pc});
    if (!first)
        return first.error();
    if (!Instruction::is_thumb32(*first, Isa::v7))
        return Instruction::thumb16(*first);
    Result<u16> const second = read_code<u16>(v, Va {pc + 2}); // may be in the next page
    return second ? Result<Instruction> {Instruction::thumb32(*first, *second)} : second.error();
}

Result<Ipa> fault_address(Abort_syndrome const &s, Va va)
{
    return s.hpfar_is_valid() ? fault_ipa(Hpfar::read(), va.value) : translate(va, false);
}

} // namespace vambrace
