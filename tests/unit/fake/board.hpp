// SPDX-License-Identifier: Apache-2.0
// A board for tests on the host: its devices are variables that a test sets and looks at.
#pragma once
#include <base/result.hpp>
#include <deque>
#include <drivers/taken_line.hpp>
#include <families/device_map.hpp>
#include <string>

namespace vambrace {

struct Fake_board {
    std::string output;     ///< what was written to the UART
    std::deque<char> input; ///< keys that wait in the UART
    bool rx_interrupt = false;
    u32 irq_enabled = 0;
    u32 irq_raised = 0;
    u32 irq_finished = 0;
    bool timer_runs = false;
    u32 timer_us = 0; ///< what the timer was set to
    u32 counter = 0;
    Result<u32> wall_clock = u32 {1'000'000'000}; ///< of the board's clock, if it has one
    bool has_rng = true;
    std::deque<u32> random {}; ///< what its source of randomness has, if it has one
    unsigned starts = 0;
};
inline Fake_board fake_board;

/// Thrown by board::reset(), which does not return.
struct Board_was_reset {};

struct Fake_uart {
    void start() const { fake_board.rx_interrupt = false; }
    void put(char c) const { fake_board.output += c; }
    void drain() const {}
    bool readable() const { return !fake_board.input.empty(); }
    char get() const
    {
        char const c = fake_board.input.front();
        fake_board.input.pop_front();
        return c;
    }
    void enable_rx_interrupt() const { fake_board.rx_interrupt = true; }
    void disable_rx_interrupt() const { fake_board.rx_interrupt = false; }
};

struct Fake_irq_chip {
    using Taken = Taken_line;

    void start() const { fake_board.irq_enabled = 0; }
    void enable(unsigned n) const { fake_board.irq_enabled |= u32 {1} << n; }
    Taken take() const
    {
        u32 const pending = fake_board.irq_raised & fake_board.irq_enabled;
        return pending ? Taken {static_cast<unsigned>(__builtin_ctz(pending))} : Taken {};
    }
    void finish(Taken taken) const { fake_board.irq_finished |= u32 {1} << taken.line(); }
};

struct Fake_timer {
    void start() const { fake_board.timer_runs = false; }
    void set(u32 us) const
    {
        fake_board.timer_runs = true;
        fake_board.timer_us = us;
    }
    void ack() const {}
};

struct Fake_devices {
    Board_device uart {0x101f1000};
    Board_device irq_chip {0x10140000};
    Board_device counter {0x10000000};
};

/// What `Board` asks for, with `fake_board` behind it.
struct Board_on_host {
    static constexpr char const *name = "fake board";
    static constexpr char const *uart_compatible = "arm,pl011";

    static constexpr Fake_devices device {};
    static constexpr auto device_pages = Device_map<Fake_devices>::pages;

    static constexpr unsigned timer_irq = 4, uart_irq = 12;
    static constexpr u32 counter_hz = 24'000'000;
    static constexpr bool counter_mapped = true;
    static constexpr u32 counter_page = device.counter.page();
    static constexpr u32 counter_offset = 0x5c;

    static Fake_uart uart() { return {}; }
    static Fake_irq_chip irq_chip() { return {}; }
    static Fake_timer timer() { return {}; }
    static u32 counter_ticks() { return fake_board.counter; }
    static Result<u32> wall_clock() { return fake_board.wall_clock; }
    static Result<u32> random_word()
    {
        if (!fake_board.has_rng)
            return Error::not_supported;
        if (fake_board.random.empty())
            return Error::again;
        u32 const word = fake_board.random.front();
        fake_board.random.pop_front();
        return word;
    }
    static void start() { ++fake_board.starts; }
    static bool start_outer_cache() { return true; }
    [[noreturn]] static void reset() { throw Board_was_reset {}; }
};

using board = Board_on_host;

} // namespace vambrace
