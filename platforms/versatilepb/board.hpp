// SPDX-License-Identifier: Apache-2.0
// Versatile/PB926EJ-S, whose core is soldered on (ARM DUI 0225D chapter 4).
#pragma once
#include <drivers/pl190/pl190.hpp>
#include <families/arm_baseboard/arm_baseboard.hpp>

namespace vambrace {

struct Pl190_at {
    Board_device controller;

    template <typename Map>
    consteval Pl190 chip() const
    {
        return Pl190 {Map::va(controller)};
    }
};

struct Versatile_pb {
    static constexpr char const *name = "ARM Versatile/PB";
    static constexpr Baseboard_map map = versatile_map;
    static constexpr Pl190_at interrupts {{0x10140000}}; // the primary one
    static constexpr Board_device l2_cache = no_device;
    static constexpr unsigned timer_irq = 4, uart_irq = 12;

    static void reset(Arm_sysreg registers)
    {
        constexpr u32 power_on_reset = 0x105; // bit 8: do it; bits 2:0: the depth, as if the power came on
        registers.write_reset_control(power_on_reset);
    }
};

using board = Arm_baseboard<Versatile_pb>;

} // namespace vambrace
