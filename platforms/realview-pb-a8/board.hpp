// SPDX-License-Identifier: Apache-2.0
// RealView Platform Baseboard for Cortex-A8 (ARM DUI 0417D chapter 4).
#pragma once
#include <arm_baseboard/arm_baseboard.hpp>

namespace vambrace {

struct Realview_pb_a8 {
    static constexpr char const *name = "ARM RealView PB-A8";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr u32 distributor = 0x1e001000, cpu_interface = 0x1e000000;
    static constexpr u32 l2_cache = no_l2_cache;
    static constexpr unsigned timer_irq = 32 + 4, uart_irq = 32 + 12;

    static void reset(Arm_sysreg registers)
    {
        registers.write_reset_control(0x000);
        registers.write_reset_control(0x004);
    }
};

using board = Arm_baseboard<Realview_pb_a8>;

} // namespace vambrace
