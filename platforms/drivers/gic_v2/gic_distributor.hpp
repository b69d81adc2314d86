// SPDX-License-Identifier: Apache-2.0
// The GIC's distributor (ARM IHI 0048B 4.3), which all cores share: what each line is, and to whom it goes.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Gic_distributor {
  public:
    constexpr explicit Gic_distributor(std::uintptr_t base) : registers_ {base} {}

    /// Forwards nothing until start().
    void stop() const { registers_.write(Offset::ctlr, 0); }

    /// Every line off, none pending, none left active; all level-sensitive, of one priority, IRQ and for this
    /// core. \pre stop(), and this core's interface is stopped
    void start() const
    {
        unsigned const words = (registers_.read(Offset::typer) & it_lines_number) + 1;
        for (unsigned n = 0; n != words; ++n)
            reset_lines(n);
        u32 const targets = this_core();
        for (unsigned n = 8; n != 8 * words; ++n) // the first 32 lines are each core's own
            registers_.write(Offset::itargetsr, n, targets);
        for (unsigned n = 2; n != 2 * words; ++n)
            registers_.write(Offset::icfgr, n, 0);
        registers_.write(Offset::ctlr, enable_all);
    }

    void enable(unsigned n) const { registers_.write(Offset::isenabler, n / 32, u32 {1} << n % 32); }
    void disable(unsigned n) const { registers_.write(Offset::icenabler, n / 32, u32 {1} << n % 32); }

    /// Whether it was taken and is not ended yet.
    bool is_active(unsigned n) const { return registers_.read(Offset::isactiver, n / 32) >> n % 32 & 1; }
    void set_active(unsigned n, bool active) const
    {
        registers_.write(active ? Offset::isactiver : Offset::icactiver, n / 32, u32 {1} << n % 32);
    }

  private:
    /// IHI 0048B table 4-1.
    enum class Offset : u32 {
        ctlr = 0x000,
        typer = 0x004,
        igroupr = 0x080,
        isenabler = 0x100,
        icenabler = 0x180,
        icpendr = 0x280,
        isactiver = 0x300,
        icactiver = 0x380,
        ipriorityr = 0x400,
        itargetsr = 0x800,
        icfgr = 0xc00,
    };

    /// GICD_TYPER.ITLinesNumber.
    static constexpr u32 it_lines_number = 0x1f;
    /// GICD_CTLR: group 0 in the secure state, group 1 in the other.
    static constexpr u32 enable_all = 1;
    /// One for all, four to a word; lower than GICC_PMR's in both security states' views (IHI 0048B 3.5.1).
    static constexpr u32 priority = 0xa0a0a0a0;

    void reset_lines(unsigned word) const
    {
        registers_.write(Offset::icenabler, word, ~u32 {0});
        registers_.write(Offset::icpendr, word, ~u32 {0});
        registers_.write(Offset::icactiver, word, ~u32 {0});
        registers_.write(Offset::igroupr, word, 0);
        for (unsigned n = 8 * word; n != 8 * word + 8; ++n)
            registers_.write(Offset::ipriorityr, n, priority);
    }

    /// This core's bit in all four bytes: a core's own lines
    /// name it (IHI 0048B 4.3.12). 0 where there is one core.
    u32 this_core() const
    {
        u32 seen = 0;
        for (unsigned n = 0; n != 8; ++n)
            seen |= registers_.read(Offset::itargetsr, n);
        seen |= seen >> 16;
        seen |= seen >> 8;
        return (seen & 0xff) * 0x01010101;
    }

    Mmio<Offset> registers_;
};

} // namespace vambrace
