// SPDX-License-Identifier: Apache-2.0
// SABRE Lite (i.MX6Q): which devices the hypervisor uses and where they are (NXP IMX6DQRM chapter 2, lines in
// chapter 3).
#pragma once
#include <base/result.hpp>
#include <drivers/imx_gpt/imx_gpt.hpp>
#include <drivers/imx_uart/imx_uart.hpp>
#include <drivers/imx_wdog/imx_wdog.hpp>
#include <drivers/l2c/l2c.hpp>
#include <families/device_map.hpp>
#include <families/gic/gic_at.hpp>

namespace vambrace {

struct Imx6q_devices {
    Board_device uart2 {0x021e8000};
    Gic_at gic = Mpcore_private_memory {0x00a00000}.gic();
    Board_device gpt {0x02098000};
    Board_device wdog1 {0x020bc000};
    Board_device l2_cache {0x00a02000};
};

struct Sabrelite {
    static constexpr char const *name = "SABRE Lite, i.MX6Q";
    static constexpr char const *uart_compatible = "fsl,imx6q-uart";

    static constexpr Imx6q_devices device {};
    using Map = Device_map<Imx6q_devices>;
    static constexpr auto device_pages = Map::pages;

    static constexpr unsigned timer_irq = 32 + 55, uart_irq = 32 + 27;

    /// The counter's page holds the GPT alone. Reading changes nothing in it.
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device.gpt.page();
    static constexpr u32 counter_offset = Imx_gpt::counter_offset;
    static constexpr u32 counter_hz = Imx_gpt::counter_hz;

    static Imx_uart uart() { return Imx_uart {Map::va(device.uart2)}; }
    static Imx_gpt timer() { return Imx_gpt {Map::va(device.gpt)}; }
    static Gic_v2 irq_chip() { return device.gic.chip<Map>(); }
    static u32 counter_ticks() { return timer().ticks(); }
    /// None that there is a driver for: the i.MX6's is part of SNVS, which QEMU's board does not have.
    static Result<u32> wall_clock() { return Error::not_supported; }
    /// None that there is a driver for: the i.MX6's is part of CAAM, which QEMU's board does not have.
    static Result<u32> random_word() { return Error::not_supported; }

    static void start()
    {
        l2_cache().turn_off();
        irq_chip().start();
        timer().start();
        uart().start();
    }

    /// The RAMs' cycles are those of Linux's imx6qdl.dtsi; like
    /// Linux, instructions and data are read 16 lines ahead.
    static bool start_outer_cache()
    {
        constexpr u32 data = 1 << 28, instructions = 1 << 29, lines_ahead = 15;
        constexpr L2c_latency latency {.read = 4, .write = 2, .setup = 3};
        return l2_cache().turn_on(
            {.tag = latency, .data = latency, .prefetch = data | instructions | lines_ahead});
    }

    [[noreturn]] static void reset()
    {
        uart().drain();
        Imx_wdog {Map::va(device.wdog1)}.reset();
        for (;;) {}
    }

  private:
    static L2c<> l2_cache() { return L2c {Map::va(device.l2_cache)}; }
};

using board = Sabrelite;

} // namespace vambrace
