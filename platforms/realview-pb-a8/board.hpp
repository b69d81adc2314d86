// SPDX-License-Identifier: Apache-2.0
// RealView Platform Baseboard for Cortex-A8 (ARM DUI 0417D chapter 4).
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Realview_pb_a8 {
    static constexpr char const *name = "ARM RealView PB-A8";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr Gic_at interrupts {{0x1e001000}, {0x1e000000}};
    static constexpr Board_device l2_cache = no_device;
    static constexpr unsigned timer_irq = 32 + 4, uart_irq = 32 + 12;

    static void reset(Arm_sysreg registers)
    {
        registers.write_reset_control(0x000);
        registers.write_reset_control(0x004);
    }
};

using board = Arm_baseboard<Realview_pb_a8>;

} // namespace vambrace
