// SPDX-License-Identifier: Apache-2.0
// RealView Emulation Baseboard with the ARM11 MPCore core tile, revision B: the tile's own GIC (ARM DUI 0303E
// chapter 4, ARM DUI 0318F chapter 3; the addresses are those of Linux's arm-realview-eb-11mp-ctrevb.dts).
#pragma once
#include <families/arm_baseboard/arm_baseboard.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Realview_eb_11mp {
    static constexpr char const *name = "ARM RealView EB, ARM11 MPCore";
    static constexpr Baseboard_map map = legacy_map;
    static constexpr Gic_at interrupts = Mpcore_private_memory {0x10100000}.gic();
    static constexpr Board_device l2_cache {0x10102000};
    /// 1 MB: as Linux's arm-realview-eb-mp.dtsi has it, which does
    /// not trust what the boot loader leaves in the controller.
    static constexpr L2c_settings l2_settings {.tag = {}, .data = {}, .way_kib = 128};
    static constexpr unsigned timer_irq = 32 + 1, uart_irq = 32 + 4;

    /// QEMU's model ignores it.
    static void reset(Arm_sysreg registers) { registers.write_reset_control(0x008); }
};

using board = Arm_baseboard<Realview_eb_11mp>;

} // namespace vambrace
