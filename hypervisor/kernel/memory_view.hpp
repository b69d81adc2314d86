// SPDX-License-Identifier: Apache-2.0
// A guest's RAM by its own physical addresses, for a device that works on its behalf.
#pragma once
#include <kernel/domain.hpp>

namespace vambrace {

/// While it lives the guest's virtual addresses mean nothing. \pre the guest has the processor
class Memory_view {
  public:
    explicit Memory_view(Domain &domain) : domain_ {domain}, first_ {domain.kind.open_memory(domain)} {}
    ~Memory_view() { domain_.kind.close_memory(domain_); }
    Memory_view(Memory_view const &) = delete;
    Memory_view &operator=(Memory_view const &) = delete;

    /// Where in the guest's RAM [ipa, ipa + size) is. Error::address: not all of it is there.
    Result<u32> offset_of(u64 ipa, u32 size) const
    {
        if (ipa >> 32 || !domain_.memory.owns(Ipa {static_cast<u32>(ipa)}, size))
            return Error::address;
        return static_cast<u32>(ipa) - VAMBRACE_RAM_IPA;
    }
    /// \param offset of offset_of(), and below its size
    u8 *at(u32 offset) const
    {
        ASSERT(offset < domain_.memory.size());
        return first_ + offset;
    }

  private:
    Domain &domain_;
    u8 *const first_;
};

} // namespace vambrace
