// SPDX-License-Identifier: Apache-2.0
// What ARM's baseboards from the Versatile PB to the Versatile Express have in common: one set of devices, in
// one of three maps. Their core tiles differ, and with them the interrupt controller, its lines, and how the
// board is reset.
#pragma once
#include <base/result.hpp>
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/l2c/l2c.hpp>
#include <drivers/pl011/pl011.hpp>
#include <drivers/pl031/pl031.hpp>
#include <drivers/sp804/sp804.hpp>
#include <drivers/sp810/sp810.hpp>
#include <families/device_map.hpp>
#include <type_traits>

namespace vambrace {

/// Where the baseboard's own devices are.
struct Baseboard_map {
    Board_device system_registers, system_controller, uart0, timer01, clock;
};
/// Versatile PB (ARM DUI 0225D chapter 4).
constexpr Baseboard_map versatile_map {{0x10000000}, {0x101e0000}, {0x101f1000}, {0x101e2000}, {0x101e8000}};
/// RealView, and the Versatile Express' "legacy" map (ARM DUI 0447J chapter 4).
constexpr Baseboard_map legacy_map {{0x10000000}, {0x10001000}, {0x10009000}, {0x10011000}, {0x10017000}};
/// The Versatile Express' "ARM Cortex-A Series" map, which Linux calls RS1 (the same chapter).
constexpr Baseboard_map rs1_map {{0x1c010000}, {0x1c020000}, {0x1c090000}, {0x1c110000}, {0x1c170000}};

/// Those that the hypervisor uses.
template <typename Tile>
struct Baseboard_devices {
    Board_device uart0 = Tile::map.uart0;
    Board_device timer01 = Tile::map.timer01;
    Board_device system_controller = Tile::map.system_controller;
    Board_device system_registers = Tile::map.system_registers;
    std::remove_const_t<decltype(Tile::interrupts)> interrupts = Tile::interrupts;
    Board_device l2_cache = Tile::l2_cache;
    Board_device clock = Tile::map.clock;
};

/// \tparam Tile name; map: the baseboard's; interrupts: its controller, as families/gic/gic_at.hpp has one;
///         uart_irq, timer_irq: the controller's numbers; l2_cache: the outer cache's controller, or
///         no_device; l2_settings: if there is one; reset(Arm_sysreg): resets the board, if it can be reset
template <typename Tile>
struct Arm_baseboard {
    static constexpr char const *name = Tile::name;
    static constexpr char const *uart_compatible = "arm,pl011";

    static constexpr Baseboard_devices<Tile> device {};
    using Map = Device_map<Baseboard_devices<Tile>>;
    static constexpr auto device_pages = Map::pages;

    static constexpr unsigned timer_irq = Tile::timer_irq, uart_irq = Tile::uart_irq;

    /// The counter's page holds system registers only, none of which changes when it is read. Writing, which
    /// resets the board or opens the lock, is what the MMU refuses. What a guest learns there is the board's
    /// identity, its switches and LEDs: no secret, nothing of another guest.
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device.system_registers.page();
    static constexpr u32 counter_offset = Arm_sysreg::counter_offset;
    static constexpr u32 counter_hz = Arm_sysreg::counter_hz;

    /// Physical; 0: the controller has no interface for guests.
    static constexpr u32 virtual_cpu_interface = [] {
        if constexpr (requires { Tile::virtual_cpu_interface; })
            return Tile::virtual_cpu_interface;
        else
            return u32 {0};
    }();

    static Pl011 uart() { return Pl011 {Map::va(device.uart0)}; }
    static Sp804 timer() { return Sp804 {Map::va(device.timer01)}; }
    static auto irq_chip() { return device.interrupts.template chip<Map>(); }
    static u32 counter_ticks() { return system_registers().ticks(); }
    static Result<u32> wall_clock() { return clock().seconds(); }
    /// It has no source of randomness.
    static Result<u32> random_word() { return Error::not_supported; }

    static void start()
    {
        if constexpr (device.l2_cache.exists())
            L2c {Map::va(device.l2_cache)}.turn_off();
        Sp810 {Map::va(device.system_controller)}.count_1mhz();
        irq_chip().start();
        timer().start();
        clock().start();
        uart().start();
    }

    static bool start_outer_cache()
    {
        if constexpr (device.l2_cache.exists())
            return L2c {Map::va(device.l2_cache)}.turn_on(Tile::l2_settings);
        return true;
    }

    [[noreturn]] static void reset()
    {
        uart().drain();
        Tile::reset(system_registers());
        for (;;) {}
    }

  private:
    static Arm_sysreg system_registers() { return Arm_sysreg {Map::va(device.system_registers)}; }
    static Pl031 clock() { return Pl031 {Map::va(device.clock)}; }
};

} // namespace vambrace
