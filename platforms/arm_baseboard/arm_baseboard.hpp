// SPDX-License-Identifier: Apache-2.0
// What ARM's baseboards from the RealView EB to the Versatile Express have in
// common: one set of devices, in one of two maps. Their core tiles differ,
// and with them the GIC's place, its lines, and how the board is reset.
#pragma once
#include <base/result.hpp>
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/gic_v2/gic_v2.hpp>
#include <drivers/l2c/l2c.hpp>
#include <drivers/pl011/pl011.hpp>
#include <drivers/pl031/pl031.hpp>
#include <drivers/sp804/sp804.hpp>
#include <drivers/sp810/sp810.hpp>

namespace vambrace {

using Uart = Pl011;
using Irq_chip = Gic_v2;
using Timer = Sp804;

/// Where the baseboard's own devices are: a page each.
struct Baseboard_map {
    u32 system_registers, system_controller, uart0, timer01, clock;
};
/// RealView, and the Versatile Express' "legacy" map (ARM DUI 0447J chapter 4).
constexpr Baseboard_map legacy_map {0x10000000, 0x10001000, 0x10009000, 0x10011000, 0x10017000};
/// The Versatile Express' "ARM Cortex-A Series" map, which Linux calls RS1 (the same chapter).
constexpr Baseboard_map rs1_map {0x1c010000, 0x1c020000, 0x1c090000, 0x1c110000, 0x1c170000};

/// Of a tile without an outer cache's controller.
constexpr u32 no_l2_cache = 0;

/// \tparam Tile name; map: the baseboard's; distributor, cpu_interface: physical addresses;
///         uart_irq, timer_irq: the GIC's numbers; l2_cache: physical address of the outer cache's
///         controller, or no_l2_cache; l2_settings: if there is one; reset(Arm_sysreg): resets the board,
///         if it can be reset
template <typename Tile>
struct Arm_baseboard {
    static constexpr char const *name = Tile::name;
    /// Host device tree: the UART that has to be there.
    static constexpr char const *uart_compatible = "arm,pl011";

    /// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
    static constexpr u32 device_pages[] = {
        Tile::map.uart0,
        Tile::map.timer01,
        Tile::map.system_controller,
        Tile::map.system_registers,
        Tile::distributor,
        Tile::cpu_interface & ~(page_size - 1),
        Tile::l2_cache != no_l2_cache ? Tile::l2_cache : Tile::map.system_registers,
        Tile::map.clock,
    };
    static constexpr u32 device_va = 0xff200000;

    static constexpr unsigned timer_irq = Tile::timer_irq;
    static constexpr unsigned uart_irq = Tile::uart_irq;

    /// The counter's page, for guests to read: system registers only, none of which changes when it is read.
    /// Writing, which resets the board or opens the lock, is what the MMU refuses. What a guest learns there
    /// is the board's identity, its switches and LEDs: no secret, nothing of another guest.
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device_pages[3];
    static constexpr u32 counter_offset = Arm_sysreg::counter_offset;
    static constexpr u32 counter_hz = Arm_sysreg::counter_hz;

    static Uart uart() { return Uart {va(0)}; }
    static Timer timer() { return Timer {va(1)}; }
    static Irq_chip irq_chip() { return Irq_chip {va(4), va(5) + Tile::cpu_interface % page_size}; }
    static u32 counter_ticks() { return system_registers().ticks(); }
    /// Seconds since 1970 by the board's own clock.
    static Result<u32> wall_clock() { return real_time_clock().seconds(); }

    /// Puts the devices into a known state; every interrupt and the outer cache are off after it.
    static void start()
    {
        if constexpr (Tile::l2_cache != no_l2_cache)
            L2c {va(6)}.turn_off();
        Sp810 {va(2)}.count_1mhz();
        irq_chip().start();
        timer().start();
        real_time_clock().start();
        uart().start();
    }

    /// The outer cache, if there is one. False: it cannot be switched on.
    static bool start_outer_cache()
    {
        if constexpr (Tile::l2_cache != no_l2_cache)
            return L2c {va(6)}.turn_on(Tile::l2_settings);
        return true;
    }

    [[noreturn]] static void reset()
    {
        uart().drain();
        Tile::reset(system_registers());
        for (;;) {}
    }

  private:
    static constexpr u32 va(u32 page) { return device_va + page * page_size; }
    static Arm_sysreg system_registers() { return Arm_sysreg {va(3)}; }
    static Pl031 real_time_clock() { return Pl031 {va(7)}; }
};

} // namespace vambrace
