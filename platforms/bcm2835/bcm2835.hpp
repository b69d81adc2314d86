// SPDX-License-Identifier: Apache-2.0
// What boards with a BCM2835 have in common: its devices and where the ARM sees them (BCM2835 ARM Peripherals
// 1.2.3: the manual's bus addresses 0x7enn.... are physical addresses 0x20nn....).
#pragma once
#include <base/result.hpp>
#include <drivers/bcm2835_gpio/bcm2835_gpio.hpp>
#include <drivers/bcm2835_irq/bcm2835_irq.hpp>
#include <drivers/bcm2835_pm/bcm2835_pm.hpp>
#include <drivers/bcm2835_timer/bcm2835_timer.hpp>
#include <drivers/pl011/pl011.hpp>

namespace vambrace {

using Uart = Pl011;
using Irq_chip = Bcm2835_irq;
using Timer = Bcm2835_timer;

/// \tparam Model name
template <typename Model>
struct Bcm2835 {
    static constexpr char const *name = Model::name;
    /// Host device tree: the UART that has to be there.
    static constexpr char const *uart_compatible = "arm,pl011";

    /// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
    static constexpr u32 device_pages[] = {
        0x20201000, // UART0
        0x20003000, // system timer
        0x2000b000, // interrupt controller at 0x200
        0x20100000, // power management
        0x20200000, // GPIO
    };
    static constexpr u32 device_va = 0xff200000;

    static constexpr unsigned timer_irq = 3;
    static constexpr unsigned uart_irq = 57;

    /// The counter's page, for guests to read: the system timer alone. Reading changes nothing in it.
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device_pages[1];
    static constexpr u32 counter_offset = Bcm2835_timer::counter_offset;
    static constexpr u32 counter_hz = Bcm2835_timer::counter_hz;

    static Uart uart() { return Uart {va(0)}; }
    static Timer timer() { return Timer {va(1)}; }
    static Irq_chip irq_chip() { return Irq_chip {va(2) + 0x200}; }
    static u32 counter_ticks() { return timer().ticks(); }
    /// There is none.
    static Result<u32> wall_clock() { return Error::not_supported; }

    /// Puts the devices into a known state; every interrupt is off after it.
    /// The firmware leaves the pins, and with them the baud rate, to whoever
    /// is booted; its UART clock is 48 MHz (config.txt: init_uart_clock).
    static void start()
    {
        irq_chip().start();
        timer().start();
        Bcm2835_gpio {va(4)}.route_uart0();
        uart().set_baud(48'000'000, 115'200);
        uart().start();
    }

    /// The second-level cache is the GPU's, and its firmware's affair.
    static bool start_outer_cache() { return true; }

    /// Resets the whole board.
    [[noreturn]] static void reset()
    {
        uart().drain();
        Bcm2835_pm {va(3)}.reset();
        for (;;) {}
    }

  private:
    static constexpr u32 va(u32 page) { return device_va + page * page_size; }
};

} // namespace vambrace
