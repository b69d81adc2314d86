// SPDX-License-Identifier: Apache-2.0
// Typed access to a device's registers: the one place that says volatile.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// The registers of one device. `Offset` is the driver's own enum class, so that a register of one device
/// cannot be asked of another. The base is a virtual address; every register is one `Word`.
template <typename Offset, typename Word = u32>
class Mmio {
  public:
    constexpr explicit Mmio(std::uintptr_t base) : base_ {base} {}

    Word read(Offset offset) const { return *at(offset); }
    void write(Offset offset, Word value) const { *at(offset) = value; }

    /// The n-th word of a row of registers.
    Word read(Offset first, u32 n) const { return at(first)[n]; }
    void write(Offset first, u32 n, Word value) const { at(first)[n] = value; }

  private:
    Word volatile *at(Offset offset) const
    {
        return reinterpret_cast<Word volatile *>(base_ + static_cast<u32>(offset));
    }

    std::uintptr_t base_;
};

} // namespace vambrace
