// SPDX-License-Identifier: Apache-2.0
// The SP810 system controller (ARM DDI 0254) of ARM's boards: which clock the SP804 timers count.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Sp810 {
  public:
    constexpr explicit Sp810(std::uintptr_t base) : registers_ {base} {}

    /// Out of reset the timers count a 32 kHz clock; from
    /// now on all four count 1 MHz (in QEMU they always do).
    void count_1mhz() const
    {
        constexpr u32 timers = 1 << 15 | 1 << 17 | 1 << 19 | 1 << 21; // TIMERENxSEL
        registers_.write(Offset::control, registers_.read(Offset::control) | timers);
    }

  private:
    enum class Offset : u32 { control = 0x00 };

    Mmio<Offset> registers_;
};

} // namespace vambrace
