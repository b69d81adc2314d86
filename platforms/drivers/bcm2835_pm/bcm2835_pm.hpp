// SPDX-License-Identifier: Apache-2.0
// The BCM2835's power management, of which only the watchdog is used, to
// reset the board. Broadcom's manual does not describe it; the registers are
// as Linux's bcm2835_wdt driver and elinux.org/BCM2835_registers name them.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Bcm2835_pm {
  public:
    constexpr explicit Bcm2835_pm(std::uintptr_t base) : registers_ {base} {}

    /// In a few microseconds.
    void reset() const
    {
        constexpr u32 password = 0x5a000000, ticks = 10;
        constexpr u32 configuration = 0x30, full_reset = 0x20;
        registers_.write(Offset::wdog, password | ticks);
        u32 const control = registers_.read(Offset::rstc) & 0x00ffffff & ~configuration;
        registers_.write(Offset::rstc, password | control | full_reset);
    }

  private:
    enum class Offset : u32 { rstc = 0x1c, wdog = 0x24 };

    Mmio<Offset> registers_;
};

} // namespace vambrace
