// SPDX-License-Identifier: Apache-2.0
// The BCM2835's system timer (BCM2835 ARM Peripherals, chapter 12): a counter that runs from power-on at 1
// MHz, and four compare registers. The GPU has channels 0 and 2; this is channel 3.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Bcm2835_timer {
  public:
    constexpr explicit Bcm2835_timer(std::uintptr_t base) : registers_ {base} {}

    static constexpr u32 counter_hz = 1'000'000;
    static constexpr u32 counter_offset = 0x04;

    void start() const { ack(); }

    /// Interrupt once, after this many microseconds, or somewhat later. Replaces what was set before.
    void set(u32 us) const
    {
        ack();
        // It compares for equality: if the counter went past the target meanwhile, take one farther away.
        for (u32 ahead = us < 1 ? 1 : us > longest ? longest : us;; ahead += ahead) {
            u32 const target = ticks() + ahead;
            registers_.write(Offset::compare_3, target);
            bool const ahead_still = target - ticks() - 1 < 2 * longest;
            if (ahead_still || registers_.read(Offset::status) & match_3)
                return;
        }
    }

    void ack() const { registers_.write(Offset::status, match_3); }

    u32 ticks() const { return registers_.read(Offset::counter); }

  private:
    enum class Offset : u32 { status = 0x00, counter = counter_offset, compare_3 = 0x18 };

    static constexpr u32 match_3 = 1 << 3;
    static constexpr u32 longest = 0x3fffffff;

    Mmio<Offset> registers_;
};

} // namespace vambrace
