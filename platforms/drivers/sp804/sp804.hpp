// SPDX-License-Identifier: Apache-2.0
// The SP804 dual timer (ARM DDI 0271): its first half as a one-shot, its second as a free-running counter.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Sp804 {
  public:
    constexpr explicit Sp804(std::uintptr_t base) : registers_ {base} {}

    /// The counter runs from now on; the one-shot is off.
    void start() const
    {
        cancel();
        registers_.write(Offset::control_2, 0);
        registers_.write(Offset::load_2, ~u32 {0});
        registers_.write(Offset::control_2, enable | wide); // free-running: wraps to 0xffffffff
    }

    /// Interrupt once, after this many ticks (microseconds at the
    /// usual 1 MHz); 0 counts as 1. Replaces what was set before.
    void set(u32 ticks) const
    {
        registers_.write(Offset::control_1, 0);
        registers_.write(Offset::int_clr_1, 1);
        registers_.write(Offset::load_1, ticks ? ticks : 1);
        registers_.write(Offset::control_1, enable | interrupt_enable | wide | one_shot);
    }

    void cancel() const
    {
        registers_.write(Offset::control_1, 0);
        registers_.write(Offset::int_clr_1, 1);
    }

    void ack() const { registers_.write(Offset::int_clr_1, 1); }

    /// Counts up, 32 bits, wraps (the hardware counts down).
    u32 ticks() const { return ~registers_.read(Offset::value_2); }

  private:
    /// DDI 0271 table 3-1: timer 1 at 0x00, timer 2 at 0x20.
    enum class Offset : u32 {
        load_1 = 0x00,
        control_1 = 0x08,
        int_clr_1 = 0x0c,
        load_2 = 0x20,
        value_2 = 0x24,
        control_2 = 0x28,
    };

    /// TimerXControl, DDI 0271 3.2.3.
    static constexpr u32 one_shot = 1 << 0, wide = 1 << 1, interrupt_enable = 1 << 5, enable = 1 << 7;

    Mmio<Offset> registers_;
};

} // namespace vambrace
