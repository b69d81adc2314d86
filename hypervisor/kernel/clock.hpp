// SPDX-License-Identifier: Apache-2.0
// Hypervisor time: nanoseconds from the board's 32-bit counter, and the base that guests compute it from.
// Wall time: the board's own clock, read once, and hypervisor time from there on.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// ns = base_ns + ((counter - base_ticks) * mult >> shift). Times and counter values are arguments.
class Clock {
  public:
    constexpr explicit Clock(u32 hz)
        : shift_ {shift_for(hz)}, mult_ {static_cast<u32>((u64 {1'000'000'000} << shift_) / hz)},
          renew_at_ {(u64 {0x60000000} * mult_) >> shift_}
    {
    }

    Time_ns at(u32 ticks) const { return base_ns_ + ((u64 {ticks - base_ticks_} * mult_) >> shift_); }

    /// Has to happen before the counter has gone once round: renew_after ns at the latest.
    void renew(u32 ticks)
    {
        base_ns_ = at(ticks);
        base_ticks_ = ticks;
        ++generation_;
        renew_at_ = base_ns_ + ((u64 {0x60000000} * mult_) >> shift_);
    }
    Time_ns renew_at() const { return renew_at_; }

    u32 mult() const { return mult_; }
    u32 shift() const { return shift_; }
    u32 base_ticks() const { return base_ticks_; }
    Time_ns base_ns() const { return base_ns_; }
    u32 generation() const { return generation_; }

  private:
    /// The finest with which `mult` still fits in 32 bits.
    static constexpr u32 shift_for(u32 hz)
    {
        u32 shift = 24;
        while ((u64 {1'000'000'000} << shift) / hz > ~u32 {0})
            --shift;
        return shift;
    }

    u32 shift_;
    u32 mult_;
    u32 base_ticks_ {0};
    u32 generation_ {0};
    Time_ns base_ns_ {0};
    Time_ns renew_at_;
};

/// Seconds since 1970 at every hypervisor time. They are late by less than a second: the board's clock does
/// not say how far its second has gone.
class Wall_clock {
  public:
    /// Of a board that has no clock.
    constexpr Wall_clock() = default;
    constexpr Wall_clock(u32 seconds, Time_ns now) : seconds_ {seconds}, start_ {now}, known_ {true} {}

    constexpr bool known() const { return known_; }
    /// \param now not before the time of the construction
    constexpr u32 at(Time_ns now) const { return seconds_ + static_cast<u32>((now - start_) / second); }
    /// The hypervisor time of the n-th tick from now on; n = 0: now itself.
    constexpr Time_ns after(u32 n, Time_ns now) const
    {
        return n ? now - (now - start_) % second + n * second : now;
    }

  private:
    static constexpr Time_ns second = 1'000'000'000;

    u32 seconds_ {0};
    Time_ns start_ {0};
    bool known_ {false};
};

} // namespace vambrace
