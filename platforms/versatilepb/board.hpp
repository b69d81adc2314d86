// SPDX-License-Identifier: Apache-2.0
// Versatile/PB926EJ-S: which devices the hypervisor uses and where they are (ARM DUI 0225D chapter 4).
#pragma once
#include <base/result.hpp>
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/pl011/pl011.hpp>
#include <drivers/pl031/pl031.hpp>
#include <drivers/pl190/pl190.hpp>
#include <drivers/sp804/sp804.hpp>
#include <drivers/sp810/sp810.hpp>

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
    0x101e8000, // real-time clock
};
constexpr u32 device_va = 0xff200000;

enum class Device : u32 { uart, irq_chip, timer, system_controller, system_registers, real_time_clock };
constexpr u32 va(Device device) { return device_va + static_cast<u32>(device) * page_size; }

constexpr unsigned timer_irq = 4;
constexpr unsigned uart_irq = 12;

constexpr u32 counter_hz = Arm_sysreg::counter_hz;

/// The counter's page, for guests to read. It holds system registers only (DUI 0225D 4.2), and none of them
/// changes when it is read; writing, which resets the board or opens the lock, is what the MMU refuses. What
/// a guest learns there is the board's identity, its switches and LEDs: no secret, nothing of another guest.
constexpr bool counter_mapped = true;
constexpr u32 counter_page = device_pages[static_cast<u32>(Device::system_registers)];
constexpr u32 counter_offset = Arm_sysreg::counter_offset;

inline Uart uart() { return Uart {va(Device::uart)}; }
inline Irq_chip irq_chip() { return Irq_chip {va(Device::irq_chip)}; }
inline Timer timer() { return Timer {va(Device::timer)}; }
inline Arm_sysreg system_registers() { return Arm_sysreg {va(Device::system_registers)}; }
inline Pl031 real_time_clock() { return Pl031 {va(Device::real_time_clock)}; }

inline u32 counter_ticks() { return system_registers().ticks(); }
/// Seconds since 1970 by the board's own clock.
inline Result<u32> wall_clock() { return real_time_clock().seconds(); }

/// Puts the devices into a known state; every interrupt is off after it.
inline void start()
{
    Sp810 {va(Device::system_controller)}.count_1mhz();
    irq_chip().start();
    timer().start();
    real_time_clock().start();
    uart().start();
}

/// There is none.
inline bool start_outer_cache() { return true; }

/// Resets the whole board.
[[noreturn]] inline void reset()
{
    constexpr u32 power_on_reset = 0x105; // bit 8: do it; bits 2:0: the depth, as if the power came on
    uart().drain();
    system_registers().write_reset_control(power_on_reset);
    for (;;) {}
}

} // namespace board
} // namespace vambrace
