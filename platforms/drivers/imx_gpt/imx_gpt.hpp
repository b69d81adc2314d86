// SPDX-License-Identifier: Apache-2.0
// The general purpose timer of an i.MX6Q (NXP IMX6DQRM chapter 30): a counter that runs freely at 3 MHz, an
// eighth of the crystal's 24 MHz, and its first compare register as a one-shot.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Imx_gpt {
  public:
    constexpr explicit Imx_gpt(std::uintptr_t base) : registers_ {base} {}

    static constexpr u32 counter_hz = 3'000'000;
    static constexpr u32 counter_offset = 0x24;

    /// The counter runs from now on; the one-shot is off.
    void start() const
    {
        registers_.write(Offset::control, 0);
        registers_.write(Offset::interrupt, 0);
        registers_.write(Offset::status, all_events);
        registers_.write(Offset::prescaler, 0);
        registers_.write(Offset::control,
                         crystal_by_8 | free_running); // the source is changed while it is off
        registers_.write(Offset::control, crystal_by_8 | free_running | from_0 | in_all_modes | enable);
    }

    /// Interrupt once, after this many microseconds, or somewhat later. Replaces what was set before.
    void set(u32 us) const
    {
        ack();
        // Before the target: QEMU's goes by without an event while the interrupt is off.
        registers_.write(Offset::interrupt, compare_event_1);
        // It compares for equality: if the counter went past the target meanwhile, take one farther away.
        for (u32 ahead = us < 1 ? 3 : us > longest / 3 ? longest : 3 * us;; ahead += ahead) {
            u32 const target = ticks() + ahead;
            registers_.write(Offset::compare_1, target);
            bool const ahead_still = target - ticks() - 1 < 2 * longest;
            if (ahead_still || registers_.read(Offset::status) & compare_event_1)
                break;
        }
    }

    void ack() const { registers_.write(Offset::status, compare_event_1); }

    u32 ticks() const { return registers_.read(Offset::counter); }

  private:
    /// IMX6DQRM 30.6.
    enum class Offset : u32 {
        control = 0x00,
        prescaler = 0x04,
        status = 0x08,
        interrupt = 0x0c,
        compare_1 = 0x10,
        counter = counter_offset,
    };

    /// CR: EN, ENMOD, DBGEN to STOPEN, CLKSRC = 101, FRR. SR and IR: OF1.
    static constexpr u32 enable = 1 << 0, from_0 = 1 << 1, in_all_modes = 0xf << 2;
    static constexpr u32 crystal_by_8 = 5 << 6, free_running = 1 << 9;
    static constexpr u32 compare_event_1 = 1 << 0, all_events = 0x3f;
    static constexpr u32 longest = 0x3fffffff;

    Mmio<Offset> registers_;
};

} // namespace vambrace
