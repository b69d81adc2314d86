// SPDX-License-Identifier: Apache-2.0
// Typed access to a device's registers: the one place that says volatile.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// The registers of one device. `Offset` is the driver's own enum class, so that a register of one device
/// cannot be asked of another. The base is a virtual address; every register is one word.
template <typename Offset>
class Mmio {
  public:
    constexpr explicit Mmio(std::uintptr_t base) : base_ {base} {}

    u32 read(Offset offset) const { return *at(offset); }
    void write(Offset offset, u32 value) const { *at(offset) = value; }

    /// The n-th word of a row of registers.
    u32 read(Offset first, u32 n) const { return at(first)[n]; }
    void write(Offset first, u32 n, u32 value) const { at(first)[n] = value; }

  private:
    u32 volatile *at(Offset offset) const
    {
        return reinterpret_cast<u32 volatile *>(base_ + static_cast<u32>(offset));
    }

    std::uintptr_t base_;
};

} // namespace vambrace
