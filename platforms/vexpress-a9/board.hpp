// SPDX-License-Identifier: Apache-2.0
// Versatile Express with CoreTile Express A9x4 in the "legacy" memory map: ARM DUI 0447J chapter 4 for the
// motherboard, ARM DUI 0448I chapter 3 for the tile.
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Coretile_a9x4 {
    static constexpr char const *name = "ARM Versatile Express, CoreTile A9x4";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr Gic_at interrupts = Mpcore_private_memory {0x1e000000}.gic();
    static constexpr Board_device l2_cache {0x1e00a000};
    /// As Linux's vexpress-v2p-ca9.dts has it: each RAM takes one cycle.
    static constexpr L2c_settings l2_settings {};
    static constexpr unsigned timer_irq = 32 + 2, uart_irq = 32 + 5;

    static void reset(Arm_sysreg registers) { registers.reboot(); }
};

using board = Arm_baseboard<Coretile_a9x4>;

} // namespace vambrace
