// SPDX-License-Identifier: Apache-2.0
// RealView Platform Baseboard Explore for Cortex-A9 (ARM DUI 0440B chapter 4).
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Realview_pbx_a9 {
    static constexpr char const *name = "ARM RealView PBX-A9";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr Gic_at interrupts = Mpcore_private_memory {0x1f000000}.gic();
    static constexpr Board_device l2_cache {0x1f002000};
    /// 128 KB, each RAM takes one cycle: as Linux's arm-realview-pbx-a9.dts has it, which does not trust what
    /// the boot loader leaves in the controller.
    static constexpr L2c_settings l2_settings {.tag = {}, .data = {}, .way_kib = 16};
    static constexpr unsigned timer_irq = 32 + 4, uart_irq = 32 + 12;

    static void reset(Arm_sysreg registers)
    {
        registers.write_reset_control(0x0f0);
        registers.write_reset_control(0x0f4);
    }
};

using board = Arm_baseboard<Realview_pbx_a9>;

} // namespace vambrace
