// SPDX-License-Identifier: Apache-2.0
// The ARM Generic Interrupt Controller, architecture versions 1 and 2 (ARM IHI 0048B), and its forerunner in
// the ARM11 MPCore (ARM DDI 0360F chapter 10), which has the same registers.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

/// Lines are numbered as the GIC numbers them: the first that a device of the board can have is 32.
class Gic_v2 {
  public:
    static constexpr unsigned none = ~0u;

    constexpr Gic_v2(std::uintptr_t distributor, std::uintptr_t cpu_interface)
        : distributor_ {distributor}, cpu_ {cpu_interface}
    {
    }

    /// Every line off, none pending, none left active; all
    /// level-sensitive, of one priority, IRQ and for this core.
    void start() const
    {
        cpu_.write(Cpu::ctlr, 0);
        distributor_.write(Distributor::ctlr, 0);
        unsigned const words = (distributor_.read(Distributor::typer) & it_lines_number) + 1;
        for (unsigned n = 0; n != words; ++n)
            reset_lines(n);
        u32 const targets = this_core();
        for (unsigned n = 8; n != 8 * words; ++n) // the first 32 lines are each core's own
            distributor_.write(Distributor::itargetsr, n, targets);
        for (unsigned n = 2; n != 2 * words; ++n)
            distributor_.write(Distributor::icfgr, n, 0);
        distributor_.write(Distributor::ctlr, enable_all);
        cpu_.write(Cpu::pmr, lowest_priority);
        cpu_.write(Cpu::ctlr, enable_all);
    }

    void enable(unsigned n) const { distributor_.write(Distributor::isenabler, n / 32, u32 {1} << n % 32); }
    void disable(unsigned n) const { distributor_.write(Distributor::icenabler, n / 32, u32 {1} << n % 32); }

    /// The line that interrupts, or `none`. It does not interrupt again until finish().
    unsigned take() const
    {
        unsigned const line = cpu_.read(Cpu::iar) & interrupt_id;
        return line < first_special ? line : none;
    }
    /// \param n what take() gave
    void finish(unsigned n) const { cpu_.write(Cpu::eoir, n); }

  private:
    /// IHI 0048B table 4-1.
    enum class Distributor : u32 {
        ctlr = 0x000,
        typer = 0x004,
        igroupr = 0x080,
        isenabler = 0x100,
        icenabler = 0x180,
        icpendr = 0x280,
        icactiver = 0x380,
        ipriorityr = 0x400,
        itargetsr = 0x800,
        icfgr = 0xc00,
    };
    /// IHI 0048B table 4-2.
    enum class Cpu : u32 { ctlr = 0x00, pmr = 0x04, iar = 0x0c, eoir = 0x10 };

    /// GICD_TYPER.ITLinesNumber, GICC_IAR.Interrupt ID; 1020
    /// to 1023 mean that there is none (IHI 0048B 3.2.5).
    static constexpr u32 it_lines_number = 0x1f, interrupt_id = 0x3ff, first_special = 1020;
    /// GICD_CTLR and GICC_CTLR: group 0 in the secure state,
    /// where FIQEn = 0 makes it IRQ; group 1 in the other.
    static constexpr u32 enable_all = 1;
    /// One for all, four to a word; lower than GICC_PMR's in both security states' views (IHI 0048B 3.5.1).
    static constexpr u32 priority = 0xa0a0a0a0, lowest_priority = 0xf0;

    void reset_lines(unsigned word) const
    {
        distributor_.write(Distributor::icenabler, word, ~u32 {0});
        distributor_.write(Distributor::icpendr, word, ~u32 {0});
        distributor_.write(Distributor::icactiver, word, ~u32 {0});
        distributor_.write(Distributor::igroupr, word, 0);
        for (unsigned n = 8 * word; n != 8 * word + 8; ++n)
            distributor_.write(Distributor::ipriorityr, n, priority);
    }

    /// This core's bit in all four bytes: a core's own lines
    /// name it (IHI 0048B 4.3.12). 0 where there is one core.
    u32 this_core() const
    {
        u32 seen = 0;
        for (unsigned n = 0; n != 8; ++n)
            seen |= distributor_.read(Distributor::itargetsr, n);
        seen |= seen >> 16;
        seen |= seen >> 8;
        return (seen & 0xff) * 0x01010101;
    }

    Mmio<Distributor> distributor_;
    Mmio<Cpu> cpu_;
};

} // namespace vambrace
