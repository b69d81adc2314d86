// SPDX-License-Identifier: Apache-2.0
// ZC702 (Zynq-7020): which devices the hypervisor uses and
// where they are (Xilinx UG585 chapter 4, lines in 7.2.3).
#pragma once
#include <base/result.hpp>
#include <drivers/a9_timer/a9_timer.hpp>
#include <drivers/cadence_uart/cadence_uart.hpp>
#include <drivers/gic_v2/gic_v2.hpp>
#include <drivers/l2c/l2c.hpp>
#include <drivers/zynq_slcr/zynq_slcr.hpp>

namespace vambrace {

using Uart = Cadence_uart;
using Irq_chip = Gic_v2;
using Timer = A9_timer;

namespace board {

constexpr char const *name = "Xilinx ZC702, Zynq-7020";
/// Host device tree: the UART that has to be there.
constexpr char const *uart_compatible = "xlnx,xuartps";

/// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
constexpr u32 device_pages[] = {
    0xe0001000, // UART1, the console
    0xf8f01000, // interrupt distributor
    0xf8f00000, // the cores' private memory: GIC CPU interface at 0x100, timers
    0xf8000000, // system level control registers
    0xf8f02000, // L2C-310
};
constexpr u32 device_va = 0xff200000;

enum class Device : u32 { uart, distributor, private_memory, slcr, l2_cache };
constexpr u32 va(Device device) { return device_va + static_cast<u32>(device) * page_size; }

constexpr unsigned timer_irq = A9_timer::irq;
constexpr unsigned uart_irq = 32 + 50;

/// The counter shares its page with the GIC's CPU interface,
/// where a read acknowledges an interrupt: guests ask.
constexpr bool counter_mapped = false;
constexpr u32 counter_page = 0;
constexpr u32 counter_offset = 0;

constexpr u32 crystal_hz = 33'333'333;
/// Half of the cores' 667 MHz, until start() has found out what the loader set.
inline u32 counter_hz = 333'333'333;

inline Uart uart() { return Uart {va(Device::uart)}; }
inline Irq_chip irq_chip() { return Irq_chip {va(Device::distributor), va(Device::private_memory) + 0x100}; }
inline Timer timer() { return Timer {va(Device::private_memory), counter_hz}; }
inline Zynq_slcr slcr() { return Zynq_slcr {va(Device::slcr)}; }
inline u32 counter_ticks() { return timer().ticks(); }
/// None that there is a driver for: the board's is behind I2C.
inline Result<u32> wall_clock() { return Error::not_supported; }

/// Puts the devices into a known state; every interrupt and the outer cache are off after it.
inline void start()
{
    counter_hz = slcr().cpu_3x2x(crystal_hz);
    L2c {va(Device::l2_cache)}.turn_off();
    irq_chip().start();
    timer().start();
    uart().start();
}

/// The outer cache; false: it cannot be switched on. The
/// RAMs' cycles: UG585 3.4.10, and Linux's zynq-7000.dtsi.
inline bool start_outer_cache()
{
    slcr().set_l2_rams();
    return L2c {va(Device::l2_cache)}.turn_on(
        {.tag = {.read = 2, .write = 2, .setup = 2}, .data = {.read = 3, .write = 2, .setup = 2}});
}

/// Resets the whole board.
[[noreturn]] inline void reset()
{
    uart().drain();
    slcr().reset();
    for (;;) {}
}

} // namespace board
} // namespace vambrace
