// SPDX-License-Identifier: Apache-2.0
// Versatile/PB926EJ-S: which devices the hypervisor uses and where they are (ARM DUI 0225D chapter 4).
#pragma once
#include <drivers/pl011/pl011.hpp>
#include <drivers/pl190/pl190.hpp>
#include <drivers/sp804/sp804.hpp>

namespace vambrace {

using Uart = Pl011;
using Irq_chip = Pl190;
using Timer = Sp804;

namespace board {

constexpr char const *name = "ARM Versatile/PB";
/// Host device tree: the UART that has to be there.
constexpr char const *uart_compatible = "arm,pl011";

/// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
constexpr u32 device_pages[] = {
    0x101f1000, // UART0
    0x10140000, // primary interrupt controller
    0x101e2000, // timers 0 and 1
    0x101e0000, // system controller
    0x10000000, // system registers
};
constexpr u32 device_va = 0xff200000;

enum class Device : u32 { uart, irq_chip, timer, system_controller, system_registers };
constexpr u32 va(Device device) { return device_va + static_cast<u32>(device) * page_size; }

constexpr unsigned timer_irq = 4;
constexpr unsigned uart_irq = 12;

constexpr u32 counter_hz = 24'000'000;

/// The counter's page, for guests to read. It holds system registers only (DUI 0225D 4.2), and none of them
/// changes when it is read; writing, which resets the board or opens the lock, is what the MMU refuses. What
/// a guest learns there is the board's identity, its switches and LEDs: no secret, nothing of another guest.
constexpr bool counter_mapped = true;
constexpr u32 counter_page = device_pages[static_cast<u32>(Device::system_registers)];
constexpr u32 counter_offset = 0x5c;

/// DUI 0225D 4.2: system registers.
enum class System_register : u32 { lock = 0x20, reset_control = 0x40, counter_24mhz = counter_offset };
/// DUI 0225D 4.3: system controller (SP810).
enum class System_controller : u32 { control = 0x00 };

inline Uart uart() { return Uart {va(Device::uart)}; }
inline Irq_chip irq_chip() { return Irq_chip {va(Device::irq_chip)}; }
inline Timer timer() { return Timer {va(Device::timer)}; }

/// Counts up at counter_hz, 32 bits, wraps after 179 s.
inline u32 counter_ticks()
{
    return Mmio<System_register> {va(Device::system_registers)}.read(System_register::counter_24mhz);
}

/// Puts the devices into a known state; every interrupt is off after it.
inline void start()
{
    // TIMERxENSEL: out of reset the timers count a 32 kHz clock, with these bits 1 MHz (QEMU: always 1 MHz).
    constexpr u32 timer_1mhz = 1 << 15 | 1 << 17 | 1 << 19 | 1 << 21;
    Mmio<System_controller> const controller {va(Device::system_controller)};
    controller.write(System_controller::control, controller.read(System_controller::control) | timer_1mhz);
    irq_chip().start();
    timer().start();
    uart().start();
}

/// Resets the whole board.
[[noreturn]] inline void reset()
{
    constexpr u32 unlock = 0xa05f;
    constexpr u32 power_on_reset = 0x105; // bit 8: do it; bits 2:0: the depth, as if the power came on
    uart().drain();
    Mmio<System_register> const registers {va(Device::system_registers)};
    registers.write(System_register::lock, unlock);
    registers.write(System_register::reset_control, power_on_reset);
    for (;;) {}
}

} // namespace board
} // namespace vambrace
