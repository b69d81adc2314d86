// SPDX-License-Identifier: Apache-2.0
// The PL190 vectored interrupt controller (ARM DDI 0181), used without its vectors: all lines are IRQ.
#pragma once
#include <base/mmio.hpp>
#include <drivers/taken_line.hpp>

namespace vambrace {

class Pl190 {
  public:
    using Taken = Taken_line;

    constexpr explicit Pl190(std::uintptr_t base) : registers_ {base} {}

    /// Every line off, every line IRQ (none FIQ), no software interrupt left over.
    void start() const
    {
        registers_.write(Offset::int_en_clear, ~u32 {0});
        registers_.write(Offset::soft_int_clear, ~u32 {0});
        registers_.write(Offset::int_select, 0);
    }

    /// \pre n < 32
    void enable(unsigned n) const { registers_.write(Offset::int_enable, u32 {1} << n); }
    void disable(unsigned n) const { registers_.write(Offset::int_en_clear, u32 {1} << n); }

    /// A line that is enabled and asserted, if one is.
    Taken take() const
    {
        u32 const status = registers_.read(Offset::irq_status);
        return status ? Taken {static_cast<unsigned>(__builtin_clz(status)) ^ 31} : Taken {};
    }
    /// Nothing was acknowledged by take(): without its vectors the controller keeps no state.
    void finish(Taken) const {}

  private:
    /// DDI 0181 table 3-1.
    enum class Offset : u32 {
        irq_status = 0x000,
        int_select = 0x00c,
        int_enable = 0x010,
        int_en_clear = 0x014,
        soft_int_clear = 0x01c,
    };

    Mmio<Offset> registers_;
};

} // namespace vambrace
