// SPDX-License-Identifier: Apache-2.0
// A device's registers in memory, for a driver's test to set and to look at.
#pragma once
#include <array>
#include <base/types.hpp>

namespace vambrace {

/// A page of words that keep what is written to them, 0 at first.
class Register_file {
  public:
    Register_file() = default;
    Register_file(Register_file const &) = delete;
    Register_file &operator=(Register_file const &) = delete;

    /// For the driver.
    std::uintptr_t base() const { return reinterpret_cast<std::uintptr_t>(words_.data()); }
    /// \param offset in bytes
    u32 &at(u32 offset) { return words_.at(offset / sizeof(u32)); }

  private:
    std::array<u32, page_size / sizeof(u32)> words_ {};
};

/// With the driver of the one device.
template <typename Driver>
struct Driven : Register_file {
    Driver const driver {base()};
};

} // namespace vambrace
