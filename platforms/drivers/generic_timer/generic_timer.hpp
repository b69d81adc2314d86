// SPDX-License-Identifier: Apache-2.0
// A core's generic timer (ARM DDI 0406C chapter B8): the physical counter's lower half, and a one-shot: HYP
// mode's own timer in HYP mode, otherwise the virtual one, which guests in USR mode have no part in.
#pragma once
#include <drivers/core_mode.hpp>

namespace vambrace {

/// Registers that there are of each timer.
enum class Timer_register : u8 { value, control }; // CNTx_TVAL, CNTx_CTL

/// \tparam Port the core's registers (timer_port.hpp), or a test's own
template <typename Port>
class Generic_timer {
  public:
    /// \param hz of the counter: Port::frequency(), or what the board knows better
    constexpr Generic_timer(Core_mode mode, u32 hz, Port port = {})
        : mode_ {mode}, per_us_ {ticks_per_us(hz)}, port_ {port}
    {
    }

    /// The private peripheral interrupt of CNTHP or CNTV, in the GIC that a Cortex-A7 or A15 has.
    static constexpr unsigned irq(Core_mode mode) { return mode == Core_mode::hyp ? 26 : 27; }

    /// The one-shot is off. The counter runs since the loader's time.
    void start() const { ack(); }

    /// Interrupt once, after this many microseconds; 0 counts as 1. Replaces what was set before.
    void set(u32 us) const
    {
        u64 const ticks = (u64 {us ? us : 1} * per_us_) >> shift;
        port_.write(mode_, Timer_register::value, ticks > longest ? longest : static_cast<u32>(ticks));
        port_.write(mode_, Timer_register::control, enable);
    }

    /// Lowers the line before it returns: what is written to the interrupt controller comes after.
    void ack() const
    {
        port_.write(mode_, Timer_register::control, 0);
        port_.barrier();
    }

    /// Counts up, 32 bits, wraps.
    u32 ticks() const { return port_.count(); }

  private:
    static constexpr u32 enable = 1 << 0;      ///< CNTx_CTL.ENABLE; IMASK = 0
    static constexpr u32 longest = 0x7fffffff; ///< CNTx_TVAL is signed
    static constexpr u32 shift = 16;
    /// Ticks in a microsecond, 16 binary places: hz * 2^16 / 10^6, rounded up.
    static constexpr u32 ticks_per_us(u32 hz)
    {
        constexpr u32 scaled = (u64 {1} << 48) / 1'000'000 + 1; // 2^16 / 10^6, 32 places
        return static_cast<u32>((u64 {hz} * scaled) >> 32) + 1;
    }

    Core_mode mode_;
    u32 per_us_;
    [[no_unique_address]] Port port_;
};

} // namespace vambrace
