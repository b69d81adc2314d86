// SPDX-License-Identifier: Apache-2.0
// The PL031 real-time clock (ARM DDI 0224) that a guest
// sees: the board's time, and what the guest has made of it.
#pragma once
#include <kernel/clock.hpp>

namespace vambrace {

/// It has been set and started by firmware and counts for ever. Setting it moves this guest's time alone.
/// Every access is a word; offsets outside the device's registers read 0 and ignore writes. `now` is
/// hypervisor time and never goes back.
class Vpl031 {
  public:
    constexpr Vpl031() = default;
    constexpr explicit Vpl031(Wall_clock board) : board_ {board} {}

    /// Whether the guest has one at all: the board has a clock.
    bool present() const { return board_.known(); }

    u32 read(u32 offset, Time_ns now);
    void write(u32 offset, u32 value, Time_ns now);

    /// As the board's reset leaves it: no alarm. The time that the guest has set stays.
    void reset();

    /// When the interrupt output will rise; never: not before the next access.
    Time_ns alarm() const { return mask_ ? alarm_ : never; }
    /// The counter may have come to the match register.
    void advance(Time_ns now);
    /// The interrupt output, RTCINTR: a level.
    bool line() const { return (raw_ & mask_) != 0; }

  private:
    u32 counter(Time_ns now) const { return board_.at(now) + offset_; }
    void set_alarm(Time_ns now);

    Wall_clock board_ {};
    u32 offset_ = 0;        ///< what the guest's time is ahead of the board's
    u32 load_ = 0;          ///< RTCLR
    u32 match_ = 0;         ///< RTCMR
    u32 raw_ = 0;           ///< RTCRIS
    u32 mask_ = 0;          ///< RTCIMSC
    Time_ns alarm_ {never}; ///< when the counter comes to the match register, after that was written
};

} // namespace vambrace
