// SPDX-License-Identifier: Apache-2.0
// The BCM2835's interrupt controller (BCM2835 ARM Peripherals, chapter 7): 64 lines, no priorities, no state.
#pragma once
#include <base/mmio.hpp>
#include <drivers/taken_line.hpp>

namespace vambrace {

class Bcm2835_irq {
  public:
    using Taken = Taken_line;

    constexpr explicit Bcm2835_irq(std::uintptr_t base) : registers_ {base} {}

    /// Every line off, none FIQ.
    void start() const
    {
        registers_.write(Offset::fiq_control, 0);
        for (unsigned n = 0; n != 3; ++n) // lines 0 to 31, 32 to 63, the ARM's own eight
            registers_.write(Offset::disable, n, ~u32 {0});
    }

    /// \pre n < 64
    void enable(unsigned n) const { registers_.write(Offset::enable, n / 32, u32 {1} << n % 32); }
    void disable(unsigned n) const { registers_.write(Offset::disable, n / 32, u32 {1} << n % 32); }

    /// A line that is enabled and asserted, if one is.
    Taken take() const
    {
        for (unsigned word = 0; word != 2; ++word)
            if (u32 const pending = registers_.read(Offset::pending, word))
                return Taken {32 * word + static_cast<unsigned>(__builtin_clz(pending) ^ 31)};
        return {};
    }
    /// Nothing was acknowledged by take().
    void finish(Taken) const {}

  private:
    enum class Offset : u32 { pending = 0x04, fiq_control = 0x0c, enable = 0x10, disable = 0x1c };

    Mmio<Offset> registers_;
};

} // namespace vambrace
