// SPDX-License-Identifier: Apache-2.0
// The Zynq-7000's system level control registers (Xilinx UG585 B.28): how fast the cores run, the outer
// cache's RAMs, and a reset.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Zynq_slcr {
  public:
    constexpr explicit Zynq_slcr(std::uintptr_t base) : registers_ {base} {}

    /// CPU_3x2x, half of what the cores run at, which is the PERIPHCLK of their timers (UG585 25.2).
    /// \param crystal PS_CLK in Hz
    u32 cpu_3x2x(u32 crystal) const
    {
        u32 const clock = registers_.read(Offset::arm_clk_ctrl);
        u32 const divisor = clock >> 8 & 0x3f;
        return crystal / 2 * multiplier(clock >> 4 & 3) / (divisor ? divisor : 1);
    }

    /// Before the outer cache is switched on: what its RAMs want, and do not have after reset (Xilinx AR
    /// 54190). QEMU does not know the register.
    void set_l2_rams() const
    {
        registers_.write(Offset::unlock, key);
        registers_.write(Offset::l2c_ram, 0x00020202);
    }

    /// Resets the processing system.
    void reset() const
    {
        constexpr u32 soft_reset = 1;
        registers_.write(Offset::unlock, key);
        registers_.write(Offset::pss_rst_ctrl, soft_reset);
    }

  private:
    enum class Offset : u32 {
        unlock = 0x008,
        arm_pll_ctrl = 0x100,
        ddr_pll_ctrl = 0x104,
        io_pll_ctrl = 0x108,
        arm_clk_ctrl = 0x120,
        pss_rst_ctrl = 0x200,
        l2c_ram = 0xa1c,
    };

    static constexpr u32 key = 0xdf0d;

    /// Of the PLL that ARM_CLK_CTRL.SRCSEL names; 1 if it is bypassed.
    u32 multiplier(u32 source) const
    {
        constexpr u32 bypass = 1 << 4;
        u32 const pll = registers_.read(source == 2   ? Offset::ddr_pll_ctrl
                                        : source == 3 ? Offset::io_pll_ctrl
                                                      : Offset::arm_pll_ctrl);
        return pll & bypass ? 1 : pll >> 12 & 0x7f;
    }

    Mmio<Offset> registers_;
};

} // namespace vambrace
