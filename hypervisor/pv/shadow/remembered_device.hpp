// SPDX-License-Identifier: Apache-2.0
// The device page that the guest kernel accessed last: its next access needs no walk.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// As a TLB would, this is kept until a flush names the page, or something of the same megabytes.
class Remembered_device {
  public:
    /// \param va of a page that is no RAM, and that the guest kernel may load from and store to
    void remember(Va va, u32 base)
    {
        page_ = align_down(va.value, page_size);
        base_ = base;
    }
    bool is(Va va, u32 base) const { return align_down(va.value, page_size) == page_ && base == base_; }
    void forget() { page_ = no_page; }
    void forget_megabyte(u32 megabyte)
    {
        if (page_ >> 20 == megabyte)
            forget();
    }
    /// A flush names [first, last]. The guest may have mapped the page by a supersection.
    void forget_in(u32 first, u32 last)
    {
        if (page_ >> 24 >= first >> 24 && page_ >> 24 <= last >> 24)
            forget();
    }

  private:
    static constexpr u32 no_page = 1;
    u32 page_ {no_page}, base_ {};
};

} // namespace vambrace
