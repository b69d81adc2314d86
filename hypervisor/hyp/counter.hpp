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

/// Of so many ticks of the counter; what is longer than 2^37 of them is told as shorter.
inline Time_ns duration(u64 ticks)
{
    constexpr u64 most = u64 {1} << 37;
    constexpr u32 least_hz = 1'000'000;
    u32 const hz = armv7ve::Cntfrq::read();
    u32 const mult =
        static_cast<u32>((u64 {1'000'000'000} << 16) / (hz < least_hz ? least_hz : hz)); // < 2^26
    return ((ticks < most ? ticks : most) * mult) >> 16;
}

} // namespace vambrace
