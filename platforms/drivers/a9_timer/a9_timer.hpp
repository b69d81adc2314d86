// SPDX-License-Identifier: Apache-2.0
// The timers in a Cortex-A9 MPCore (ARM DDI 0407G chapter 4): the core's private timer as a one-shot, and the
// global timer's lower half as a counter. Both count PERIPHCLK, whose speed differs from board to board.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class A9_timer {
  public:
    /// \param base of the private memory region \param hz of PERIPHCLK, at most 4 GHz
    constexpr A9_timer(std::uintptr_t base, u32 hz) : registers_ {base}, per_us_ {ticks_per_us(hz)} {}

    /// Of the private timer: a private peripheral interrupt.
    static constexpr unsigned irq = 29;

    /// The counter runs from now on; the one-shot is off.
    void start() const
    {
        registers_.write(Offset::timer_control, 0);
        ack();
        registers_.write(Offset::global_control, enable);
    }

    /// Interrupt once, after this many microseconds; 0 counts as 1. Replaces what was set before.
    void set(u32 us) const
    {
        u64 const ticks = (u64 {us ? us : 1} * per_us_) >> shift;
        registers_.write(Offset::timer_control, 0);
        ack();
        registers_.write(Offset::timer_load, ticks >> 32 ? ~u32 {0} : static_cast<u32>(ticks));
        registers_.write(Offset::timer_control, interrupt_enable | enable);
    }

    void ack() const { registers_.write(Offset::timer_status, 1); }

    /// Counts up, 32 bits, wraps.
    u32 ticks() const { return registers_.read(Offset::global_counter); }

  private:
    /// DDI 0407G tables 4-1 and 4-10, from the region's base.
    enum class Offset : u32 {
        global_counter = 0x200,
        global_control = 0x208,
        timer_load = 0x600,
        timer_control = 0x608,
        timer_status = 0x60c,
    };

    static constexpr u32 enable = 1 << 0, interrupt_enable = 1 << 2;
    static constexpr u32 shift = 16;
    /// Ticks in a microsecond, 16 binary places: hz * 2^16 / 10^6, rounded up.
    static constexpr u32 ticks_per_us(u32 hz)
    {
        constexpr u32 scaled = (u64 {1} << 48) / 1'000'000 + 1; // 2^16 / 10^6, 32 places
        return static_cast<u32>((u64 {hz} * scaled) >> 32) + 1;
    }

    Mmio<Offset> registers_;
    u32 per_us_;
};

} // namespace vambrace
