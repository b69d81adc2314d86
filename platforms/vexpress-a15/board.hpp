// SPDX-License-Identifier: Apache-2.0
// Versatile Express with CoreTile Express A15x2 and its test chip 1: ARM DUI 0447J chapter 4 for the
// motherboard; the tile as Linux's vexpress-v2p-ca15-tc1.dts has it.
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Coretile_a15x2 {
    static constexpr char const *name = "ARM Versatile Express, CoreTile A15x2";
    static constexpr Baseboard_map map = rs1_map;
    static constexpr auto interrupts = Virtual_gic_at::private_memory(0x2c000000);
    /// What guests in HYP mode have as their CPU interface (GICV).
    static constexpr u32 virtual_cpu_interface = 0x2c006000;
    /// The second level is a part of the core's cluster.
    static constexpr Board_device l2_cache = no_device;
    static constexpr unsigned timer_irq = 32 + 2, uart_irq = 32 + 5;

    static void reset(Arm_sysreg registers) { registers.reboot(); }
};

using board = Arm_baseboard<Coretile_a15x2>;

} // namespace vambrace
