// SPDX-License-Identifier: Apache-2.0
// The generic timer's counter (DDI 0406C chapter B8), which guests and the core's timers count by.
#pragma once
#include <arch.hpp>

namespace vambrace {

/// CNTPCT. Guests' virtual count is the same: CNTVOFF is 0.
inline u64 physical_count()
{
    armv7ve::isb();
    return armv7ve::Cntpct::read();
}

/// How long its ticks are.
class Counter_rate {
  public:
    constexpr Counter_rate() = default;
    /// \param hz CNTFRQ; less than 1 MHz is a loader that has not set it, and counts as 1 MHz
    constexpr explicit Counter_rate(u32 hz)
        : mult_ {static_cast<u32>((u64 {1'000'000'000} << 16) / (hz < least_hz ? least_hz : hz))}
    {
    }

    /// What is longer than 2^37 ticks is told as shorter.
    constexpr Time_ns duration(u64 ticks) const { return ((ticks < most ? ticks : most) * mult_) >> 16; }

  private:
    static constexpr u64 most = u64 {1} << 37;
    static constexpr u32 least_hz = 1'000'000;

    u32 mult_ {}; ///< ns, 16 binary places; less than 2^26
};

} // namespace vambrace
