// SPDX-License-Identifier: Apache-2.0
// QEMU's board "virt" with a GICv2 and a core of ARMv7: its devices, where QEMU's device tree has them.
#pragma once
#include <base/result.hpp>
#include <drivers/generic_timer/timer_port.hpp>
#include <drivers/pl011/pl011.hpp>
#include <drivers/pl031/pl031.hpp>
#include <drivers/psci/psci.hpp>
#include <drivers/psci/psci_port.hpp>
#include <families/device_map.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Qemu_virt_devices {
    Board_device uart0 {0x09000000};
    Virtual_gic_at gic {{0x08000000}, {0x08010000}, {0x08011000}, {0x08030000}};
    Board_device clock {0x09010000};
};

struct Qemu_virt {
    /// What guests in HYP mode have as their CPU interface (GICV). Physical.
    static constexpr u32 virtual_cpu_interface = 0x08040000;

    static constexpr char const *name = "QEMU virt";
    static constexpr char const *uart_compatible = "arm,pl011";

    static constexpr Qemu_virt_devices device {};
    using Map = Device_map<Qemu_virt_devices>;
    static constexpr auto device_pages = Map::pages;

    using Timer = Generic_timer<Timer_port>;

    static constexpr unsigned uart_irq = 32 + 1;
    /// By start(), as this mode has it.
    static inline unsigned timer_irq {};
    static_assert(Timer::irq(Core_mode::pl1) != uart_irq && Timer::irq(Core_mode::hyp) != uart_irq);

    /// The counter is in CP15, where guests have no part in it: they ask.
    static constexpr bool counter_mapped = false;
    static constexpr u32 counter_page = 0;
    static constexpr u32 counter_offset = 0;
    /// By start(); 0 before.
    static inline u32 counter_hz {};

    static Pl011 uart() { return Pl011 {Map::va(device.uart0)}; }
    static Timer timer() { return {mode, counter_hz}; }
    [[gnu::always_inline]] static Gic_v2_split irq_chip() { return device.gic.chip<Map>(); }
    static u32 counter_ticks() { return Timer_port {}.count(); }
    static Result<u32> wall_clock() { return clock().seconds(); }
    /// It has no source of randomness.
    static Result<u32> random_word() { return Error::not_supported; }

    static void start()
    {
        mode = core_mode();
        timer_irq = Timer::irq(mode);
        u32 const hz = Timer_port {}.frequency();
        counter_hz = hz ? hz : usual_hz;
        irq_chip().start();
        timer().start();
        clock().start();
        uart().start();
    }

    /// The second level is a part of the core's cluster.
    static bool start_outer_cache() { return true; }

    [[noreturn]] static void reset()
    {
        uart().drain();
        Psci<Psci_port> {mode}.system_reset();
        for (;;) {}
    }

  private:
    static constexpr u32 usual_hz = 62'500'000;
    static inline Core_mode mode = Core_mode::pl1;

    static Core_mode core_mode()
    {
        constexpr u32 mode_bits = 0x1f, hyp = 0x1a; // CPSR.M
        u32 psr;
        asm volatile("mrs %0, cpsr" : "=r"(psr));
        return (psr & mode_bits) == hyp ? Core_mode::hyp : Core_mode::pl1;
    }

    static Pl031 clock() { return Pl031 {Map::va(device.clock)}; }
};

} // namespace vambrace
