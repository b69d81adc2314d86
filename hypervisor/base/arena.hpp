// SPDX-License-Identifier: Apache-2.0
// Memory that boot hands out once; there is no way to give it back.
#pragma once
#include <base/types.hpp>
#include <cstring>

namespace vambrace {

class Arena {
  public:
    constexpr Arena(u8 *begin, u8 *end) : next_ {begin}, end_ {end} {}

    /// count objects of T, all bytes zero; nullptr when the arena is used up or sealed.
    template <typename T>
    T *take(u32 count)
    {
        auto const address = (reinterpret_cast<std::uintptr_t>(next_) + alignof(T) - 1) & ~(alignof(T) - 1);
        auto const start = reinterpret_cast<u8 *>(address);
        if (start > end_ || count > static_cast<std::size_t>(end_ - start) / sizeof(T))
            return nullptr;
        next_ = start + sizeof(T) * count;
        std::memset(start, 0, sizeof(T) * count);
        return reinterpret_cast<T *>(start);
    }

    u32 left() const { return static_cast<u32>(end_ - next_); }
    void seal() { end_ = next_; }

  private:
    u8 *next_;
    u8 *end_;
};

} // namespace vambrace
