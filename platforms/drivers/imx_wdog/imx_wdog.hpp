// SPDX-License-Identifier: Apache-2.0
// The watchdog of i.MX processors (NXP IMX6DQRM chapter 70), used to reset the board.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Imx_wdog {
  public:
    constexpr explicit Imx_wdog(std::uintptr_t base) : registers_ {base} {}

    /// SRS = 0 resets the processor, WDA = 0 asserts the pin WDOG_B for the rest of the board.
    void reset() const
    {
        constexpr u16 watchdog_enable = 1 << 2;
        registers_.write(Offset::control, watchdog_enable);
        registers_.write(Offset::control, watchdog_enable); // twice: erratum ERR004346
    }

  private:
    enum class Offset : u32 { control = 0x00 };

    Mmio<Offset, u16> registers_; ///< registers of 16 bits that take no other access
};

} // namespace vambrace
