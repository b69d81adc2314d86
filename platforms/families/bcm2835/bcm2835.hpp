// SPDX-License-Identifier: Apache-2.0
// What boards with a BCM2835 have in common: its devices and where the ARM sees them (BCM2835 ARM Peripherals
// 1.2.3: the manual's bus addresses 0x7enn.... are physical addresses 0x20nn....).
#pragma once
#include <base/result.hpp>
#include <drivers/bcm2835_gpio/bcm2835_gpio.hpp>
#include <drivers/bcm2835_irq/bcm2835_irq.hpp>
#include <drivers/bcm2835_pm/bcm2835_pm.hpp>
#include <drivers/bcm2835_rng/bcm2835_rng.hpp>
#include <drivers/bcm2835_timer/bcm2835_timer.hpp>
#include <drivers/pl011/pl011.hpp>
#include <families/device_map.hpp>

namespace vambrace {

struct Bcm2835_devices {
    Board_device uart0 {0x20201000};
    Board_device system_timer {0x20003000};
    Board_device interrupts {0x2000b200};
    Board_device power_management {0x20100000};
    Board_device gpio {0x20200000};
    Board_device rng {0x20104000};
};

/// \tparam Model name
template <typename Model>
struct Bcm2835 {
    static constexpr char const *name = Model::name;
    static constexpr char const *uart_compatible = "arm,pl011";

    static constexpr Bcm2835_devices device {};
    using Map = Device_map<Bcm2835_devices>;
    static constexpr auto device_pages = Map::pages;

    static constexpr unsigned timer_irq = 3, uart_irq = 57;

    /// The counter's page holds the system timer alone. Reading changes nothing in it.
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device.system_timer.page();
    static constexpr u32 counter_offset = Bcm2835_timer::counter_offset;
    static constexpr u32 counter_hz = Bcm2835_timer::counter_hz;

    static Pl011 uart() { return Pl011 {Map::va(device.uart0)}; }
    static Bcm2835_timer timer() { return Bcm2835_timer {Map::va(device.system_timer)}; }
    static Bcm2835_irq irq_chip() { return Bcm2835_irq {Map::va(device.interrupts)}; }
    static Bcm2835_rng rng() { return Bcm2835_rng {Map::va(device.rng)}; }
    static u32 counter_ticks() { return timer().ticks(); }
    /// There is none.
    static Result<u32> wall_clock() { return Error::not_supported; }
    static Result<u32> random_word() { return rng().word(); }

    /// The firmware leaves the pins, and with them the baud rate, to whoever
    /// is booted; its UART clock is 48 MHz (config.txt: init_uart_clock).
    static void start()
    {
        irq_chip().start();
        timer().start();
        rng().start();
        Bcm2835_gpio {Map::va(device.gpio)}.route_uart0();
        uart().set_baud(48'000'000, 115'200);
        uart().start();
    }

    /// The second-level cache is the GPU's, and its firmware's affair.
    static bool start_outer_cache() { return true; }

    [[noreturn]] static void reset()
    {
        uart().drain();
        Bcm2835_pm {Map::va(device.power_management)}.reset();
        for (;;) {}
    }
};

} // namespace vambrace
