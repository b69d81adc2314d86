// SPDX-License-Identifier: Apache-2.0
// The BCM2835's pins (BCM2835 ARM Peripherals, chapter 6), as far as the console needs them.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Bcm2835_gpio {
  public:
    constexpr explicit Bcm2835_gpio(std::uintptr_t base) : registers_ {base} {}

    /// GPIO 14 and 15, on the header's pins 8 and 10, become
    /// TXD0 and RXD0 (table 6-31: alternate function 0).
    void route_uart0() const
    {
        constexpr u32 fields = 7 << 12 | 7 << 15, alternate_0 = 4 << 12 | 4 << 15;
        registers_.write(Offset::gpfsel1, (registers_.read(Offset::gpfsel1) & ~fields) | alternate_0);
    }

  private:
    enum class Offset : u32 { gpfsel1 = 0x04 };

    Mmio<Offset> registers_;
};

} // namespace vambrace
