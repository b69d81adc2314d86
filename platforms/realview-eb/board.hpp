// SPDX-License-Identifier: Apache-2.0
// RealView Emulation Baseboard with a core tile for one ARM1136 or ARM1176, whose interrupts go to the GIC in
// the baseboard's FPGA (ARM DUI 0303E chapter 4).
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Realview_eb {
    static constexpr char const *name = "ARM RealView EB";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr Gic_at interrupts {{0x10041000}, {0x10040000}};
    static constexpr Board_device l2_cache = no_device;
    static constexpr unsigned timer_irq = 32 + 4, uart_irq = 32 + 12;

    /// QEMU's model ignores it.
    static void reset(Arm_sysreg registers) { registers.write_reset_control(0x008); }
};

using board = Arm_baseboard<Realview_eb>;

} // namespace vambrace
