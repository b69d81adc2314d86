// SPDX-License-Identifier: Apache-2.0
// Which frames a domain may reach: the one place where an IPA becomes a Frame.
#pragma once
#include <base/result.hpp>

namespace vambrace {

/// A guest's RAM: one run of frames, whole megabytes, at VAMBRACE_RAM_IPA.
class Memory {
  public:
    constexpr Memory() = default;
    /// \param first,size multiples of 1 MB
    constexpr Memory(Frame first, u32 size) : first_ {first}, size_ {size} {}

    constexpr u32 size() const { return size_; }
    constexpr Frame first() const { return first_; }

    /// The frame behind ipa. Error::address: not the guest's RAM.
    constexpr Result<Frame> frame_of(Ipa ipa) const
    {
        u32 const offset = ipa.value - VAMBRACE_RAM_IPA;
        if (offset >= size_)
            return Error::address;
        return Frame {first_.number + (offset >> 12)};
    }

    /// Is [ipa, ipa + size) the guest's RAM?
    constexpr bool owns(Ipa ipa, u32 size) const
    {
        return contains(VAMBRACE_RAM_IPA, size_, ipa.value, size);
    }

  private:
    Frame first_ {0};
    u32 size_ {0};
};

} // namespace vambrace
