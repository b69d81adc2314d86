// SPDX-License-Identifier: Apache-2.0
// The GIC's CPU interface (ARM IHI 0048B 4.4), of which each core sees its own: what interrupts it.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Gic_cpu_interface {
  public:
    constexpr explicit Gic_cpu_interface(std::uintptr_t base) : registers_ {base} {}

    /// What GICC_IAR showed (IHI 0048B 4.4.4). Of an interrupt that a core sends, one of the lines 0 to 15,
    /// there may be one from each core: the line alone does not say which.
    class Taken {
      public:
        /// Whether a line interrupts; 1020 to 1023 mean that there is none (IHI 0048B 3.2.5).
        constexpr explicit operator bool() const { return line() < first_special; }
        /// \pre there is one
        constexpr unsigned line() const { return iar_ & interrupt_id; }
        /// The core that sent it. 0 if no core did.
        constexpr unsigned source() const { return iar_ >> cpu_id_shift & cpu_id; }
        /// What GICC_EOIR and GICC_DIR take.
        constexpr u32 acknowledged() const { return iar_; }

      private:
        friend class Gic_cpu_interface;

        /// GICC_IAR.Interrupt ID, bits 9:0, and GICC_IAR.CPUID, bits 12:10.
        static constexpr u32 interrupt_id = 0x3ff, cpu_id = 7, cpu_id_shift = 10, first_special = 1020;

        constexpr explicit Taken(u32 iar) : iar_ {iar} {}

        u32 iar_;
    };

    /// Nothing interrupts this core until start().
    void stop() const { registers_.write(Offset::ctlr, 0); }
    /// Lines of every priority interrupt.
    void start() const
    {
        registers_.write(Offset::pmr, lowest_priority);
        registers_.write(Offset::ctlr, enable_all);
    }

    /// finish() no longer deactivates what it ends: GICC_DIR does.
    void split_end() const { registers_.write(Offset::ctlr, enable_all | split_end_mode); }

    /// The line that interrupts, if one does. It does not interrupt again until finish().
    Taken take() const { return Taken {registers_.read(Offset::iar)}; }
    /// With the core that sent it: GICC_EOIR takes what GICC_IAR gave, all of it (IHI 0048B 4.4.5).
    void finish(Taken taken) const { registers_.write(Offset::eoir, taken.iar_); }

  private:
    /// IHI 0048B table 4-2.
    enum class Offset : u32 { ctlr = 0x00, pmr = 0x04, iar = 0x0c, eoir = 0x10 };

    /// GICC_CTLR: group 0 in the secure state, where FIQEn = 0 makes it IRQ; group 1 in the other.
    static constexpr u32 enable_all = 1;
    /// GICC_CTLR: EOImodeS in the secure state, EOImodeNS in the other.
    static constexpr u32 split_end_mode = 1 << 9;
    static constexpr u32 lowest_priority = 0xf0;

    Mmio<Offset> registers_;
};

} // namespace vambrace
