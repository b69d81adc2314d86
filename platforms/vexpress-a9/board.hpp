// SPDX-License-Identifier: Apache-2.0
// Versatile Express with CoreTile Express A9x4 in the "legacy" memory map: which devices the hypervisor uses
// and where they are (ARM DUI 0447J chapter 4 for the motherboard, ARM DUI 0448I chapter 3 for the tile).
#pragma once
#include <drivers/arm_sysreg/arm_sysreg.hpp>
#include <drivers/gic_v2/gic_v2.hpp>
#include <drivers/pl011/pl011.hpp>
#include <drivers/sp804/sp804.hpp>
#include <drivers/sp810/sp810.hpp>

namespace vambrace {

using Uart = Pl011;
using Irq_chip = Gic_v2;
using Timer = Sp804;

namespace board {

constexpr char const *name = "ARM Versatile Express, CoreTile A9x4";
/// Host device tree: the UART that has to be there.
constexpr char const *uart_compatible = "arm,pl011";

/// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
constexpr u32 device_pages[] = {
    0x10009000, // UART0
    0x1e001000, // interrupt distributor
    0x1e000000, // the cores' private memory: GIC CPU interface at 0x100
    0x10011000, // timers 0 and 1
    0x10001000, // system controller
    0x10000000, // system registers
    0x1e00a000, // PL310 second-level cache
};
constexpr u32 device_va = 0xff200000;

enum class Device : u32 {
    uart,
    distributor,
    private_memory,
    timer,
    system_controller,
    system_registers,
    l2_cache
};
constexpr u32 va(Device device) { return device_va + static_cast<u32>(device) * page_size; }

constexpr unsigned timer_irq = 32 + 2;
constexpr unsigned uart_irq = 32 + 5;

constexpr u32 counter_hz = Arm_sysreg::counter_hz;

/// The counter's page, for guests to read: system registers only (DUI 0447J 4.3), none of which changes when it
/// is read. Writing, which reaches the configuration controller, is what the MMU refuses.
constexpr bool counter_mapped = true;
constexpr u32 counter_page = device_pages[static_cast<u32>(Device::system_registers)];
constexpr u32 counter_offset = Arm_sysreg::counter_offset;

inline Uart uart() { return Uart {va(Device::uart)}; }
inline Irq_chip irq_chip() { return Irq_chip {va(Device::distributor), va(Device::private_memory) + 0x100}; }
inline Timer timer() { return Timer {va(Device::timer)}; }
inline Arm_sysreg system_registers() { return Arm_sysreg {va(Device::system_registers)}; }

inline u32 counter_ticks() { return system_registers().ticks(); }

/// Puts the devices into a known state; every interrupt is off after it.
inline void start()
{
    Sp810 {va(Device::system_controller)}.count_1mhz();
    irq_chip().start();
    timer().start();
    uart().start();
}

/// Resets the whole board.
[[noreturn]] inline void reset()
{
    uart().drain();
    system_registers().reboot();
    for (;;) {}
}

} // namespace board
} // namespace vambrace
