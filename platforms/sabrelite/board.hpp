// SPDX-License-Identifier: Apache-2.0
// SABRE Lite (i.MX6Q): which devices the hypervisor uses and where they are (NXP IMX6DQRM chapter 2, lines in
// chapter 3).
#pragma once
#include <base/result.hpp>
#include <drivers/gic_v2/gic_v2.hpp>
#include <drivers/imx_gpt/imx_gpt.hpp>
#include <drivers/imx_uart/imx_uart.hpp>
#include <drivers/imx_wdog/imx_wdog.hpp>
#include <drivers/l2c/l2c.hpp>

namespace vambrace {

using Uart = Imx_uart;
using Irq_chip = Gic_v2;
using Timer = Imx_gpt;

namespace board {

constexpr char const *name = "SABRE Lite, i.MX6Q";
/// Host device tree: the UART that has to be there.
constexpr char const *uart_compatible = "fsl,imx6q-uart";

/// Physical addresses of the pages the hypervisor maps, the k-th one at `device_va` + k * page_size.
constexpr u32 device_pages[] = {
    0x021e8000, // UART2, the console
    0x00a01000, // interrupt distributor
    0x00a00000, // the cores' private memory: GIC CPU interface at 0x100
    0x02098000, // GPT
    0x020bc000, // WDOG1
    0x00a02000, // L2C-310
};
constexpr u32 device_va = 0xff200000;

enum class Device : u32 { uart, distributor, private_memory, timer, watchdog, l2_cache };
constexpr u32 va(Device device) { return device_va + static_cast<u32>(device) * page_size; }

constexpr unsigned timer_irq = 32 + 55;
constexpr unsigned uart_irq = 32 + 27;

/// The counter's page, for guests to read: the GPT alone. Reading changes nothing in it.
constexpr bool counter_mapped = true;
constexpr u32 counter_page = device_pages[static_cast<u32>(Device::timer)];
constexpr u32 counter_offset = Imx_gpt::counter_offset;
constexpr u32 counter_hz = Imx_gpt::counter_hz;

inline Uart uart() { return Uart {va(Device::uart)}; }
inline Irq_chip irq_chip() { return Irq_chip {va(Device::distributor), va(Device::private_memory) + 0x100}; }
inline Timer timer() { return Timer {va(Device::timer)}; }
inline u32 counter_ticks() { return timer().ticks(); }
/// None that there is a driver for: the i.MX6's is part of SNVS, which QEMU's board does not have.
inline Result<u32> wall_clock() { return Error::not_supported; }

/// Puts the devices into a known state; every interrupt and the outer cache are off after it.
inline void start()
{
    L2c {va(Device::l2_cache)}.turn_off();
    irq_chip().start();
    timer().start();
    uart().start();
}

/// The outer cache; false: it cannot be switched on. The RAMs' cycles are those of Linux's imx6qdl.dtsi; like
/// Linux, instructions and data are read 16 lines ahead.
inline bool start_outer_cache()
{
    constexpr u32 data = 1 << 28, instructions = 1 << 29, lines_ahead = 15;
    constexpr L2c_latency latency {.read = 4, .write = 2, .setup = 3};
    return L2c {va(Device::l2_cache)}.turn_on(
        {.tag = latency, .data = latency, .prefetch = data | instructions | lines_ahead});
}

/// Resets the whole board.
[[noreturn]] inline void reset()
{
    uart().drain();
    Imx_wdog {va(Device::watchdog)}.reset();
    for (;;) {}
}

} // namespace board
} // namespace vambrace
