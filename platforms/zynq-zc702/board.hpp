// SPDX-License-Identifier: Apache-2.0
// ZC702 (Zynq-7020): which devices the hypervisor uses and
// where they are (Xilinx UG585 chapter 4, lines in 7.2.3).
#pragma once
#include <base/result.hpp>
#include <drivers/a9_timer/a9_timer.hpp>
#include <drivers/cadence_uart/cadence_uart.hpp>
#include <drivers/l2c/l2c.hpp>
#include <drivers/zynq_slcr/zynq_slcr.hpp>
#include <families/device_map.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Zynq_devices {
    static constexpr Mpcore_private_memory private_memory {0xf8f00000};

    Board_device uart1 {0xe0001000};
    Gic_at gic = private_memory.gic();
    Board_device timers = private_memory.timers();
    Board_device slcr {0xf8000000};
    Board_device l2_cache {0xf8f02000};
};

struct Zc702 {
    static constexpr char const *name = "Xilinx ZC702, Zynq-7020";
    static constexpr char const *uart_compatible = "xlnx,xuartps";

    static constexpr Zynq_devices device {};
    using Map = Device_map<Zynq_devices>;
    static constexpr auto device_pages = Map::pages;

    static constexpr unsigned timer_irq = A9_timer::irq, uart_irq = 32 + 50;

    /// The counter shares its page with the GIC's CPU interface,
    /// where a read acknowledges an interrupt: guests ask.
    static constexpr bool counter_mapped = false;
    static constexpr u32 counter_page = 0;
    static constexpr u32 counter_offset = 0;

    static constexpr u32 crystal_hz = 33'333'333;
    /// Half of the cores' 667 MHz, until start() has found out what the loader set.
    static inline u32 counter_hz = 333'333'333;

    static Cadence_uart uart() { return Cadence_uart {Map::va(device.uart1)}; }
    static A9_timer timer() { return A9_timer {Map::va(device.timers), counter_hz}; }
    static Gic_v2 irq_chip() { return device.gic.chip<Map>(); }
    static u32 counter_ticks() { return timer().ticks(); }
    /// None that there is a driver for: the board's is behind I2C.
    static Result<u32> wall_clock() { return Error::not_supported; }
    /// It has no source of randomness.
    static Result<u32> random_word() { return Error::not_supported; }

    static void start()
    {
        counter_hz = slcr().cpu_3x2x(crystal_hz);
        l2_cache().turn_off();
        irq_chip().start();
        timer().start();
        uart().start();
    }

    /// The RAMs' cycles: UG585 3.4.10, and Linux's zynq-7000.dtsi.
    static bool start_outer_cache()
    {
        slcr().set_l2_rams();
        return l2_cache().turn_on(
            {.tag = {.read = 2, .write = 2, .setup = 2}, .data = {.read = 3, .write = 2, .setup = 2}});
    }

    [[noreturn]] static void reset()
    {
        uart().drain();
        slcr().reset();
        for (;;) {}
    }

  private:
    static Zynq_slcr slcr() { return Zynq_slcr {Map::va(device.slcr)}; }
    static L2c<> l2_cache() { return L2c {Map::va(device.l2_cache)}; }
};

using board = Zc702;

} // namespace vambrace
