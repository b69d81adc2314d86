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

/// Memory that a guest sees and does not own: regions that it shares. Nothing that the hypervisor finds by
/// physical addresses may lie there: the guest's tables and its devices' queues are in its RAM.
class Windows {
  public:
    static constexpr unsigned most = VAMBRACE_REGIONS;

    struct Window {
        Ipa ipa; ///< a multiple of 4 KB, as size is
        u32 size;
        Frame first;
        bool writable;
    };
    struct Place {
        Frame frame;
        bool writable;
    };

    /// \pre there is room, and nothing is at these addresses
    void open(Window window)
    {
        ASSERT(count_ < most && !(window.size % page_size) && window.size);
        windows_[count_++] = window;
    }
    bool any() const { return count_ != 0; }
    Window const *begin() const { return windows_; }
    Window const *end() const { return windows_ + count_; }

    /// Error::address: none of them shows it.
    Result<Place> place_of(Ipa ipa) const
    {
        for (Window const &w : *this)
            if (ipa.value - w.ipa.value < w.size)
                return Place {Frame {w.first.number + ((ipa.value - w.ipa.value) >> 12)}, w.writable};
        return Error::address;
    }

  private:
    Window windows_[most] {};
    unsigned count_ {};
};

} // namespace vambrace
