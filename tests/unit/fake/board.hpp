// SPDX-License-Identifier: Apache-2.0
// A board for tests on the host: its devices are variables that a test sets and looks at.
#pragma once
#include <base/result.hpp>
#include <deque>
#include <drivers/taken_line.hpp>
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
    unsigned starts = 0;
};
inline Fake_board fake_board;

/// Thrown by board::reset(), which does not return.
struct Board_was_reset {};

struct Uart {
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
    void ack() const {}
};

struct Irq_chip {
    using Taken = Taken_line;

    void start() const { fake_board.irq_enabled = 0; }
    void enable(unsigned n) const { fake_board.irq_enabled |= u32 {1} << n; }
    void disable(unsigned n) const { fake_board.irq_enabled &= ~(u32 {1} << n); }
    Taken take() const
    {
        u32 const pending = fake_board.irq_raised & fake_board.irq_enabled;
        return pending ? Taken {static_cast<unsigned>(__builtin_ctz(pending))} : Taken {};
    }
    void finish(Taken taken) const { fake_board.irq_finished |= u32 {1} << taken.line(); }
};

struct Timer {
    void start() const { cancel(); }
    void set(u32 us) const
    {
        fake_board.timer_runs = true;
        fake_board.timer_us = us;
    }
    void cancel() const { fake_board.timer_runs = false; }
    void ack() const {}
    u32 ticks() const { return fake_board.counter / 24; }
};

namespace board {

constexpr char const *name = "fake board";
constexpr char const *uart_compatible = "arm,pl011";
constexpr u32 device_pages[] = {0x101f1000, 0x10140000};
constexpr unsigned timer_irq = 4;
constexpr unsigned uart_irq = 12;
constexpr u32 counter_hz = 24'000'000;
constexpr bool counter_mapped = true;
constexpr u32 counter_page = 0x10000000;
constexpr u32 counter_offset = 0x5c;

inline Uart uart() { return {}; }
inline Irq_chip irq_chip() { return {}; }
inline Timer timer() { return {}; }
inline u32 counter_ticks() { return fake_board.counter; }
inline Result<u32> wall_clock() { return fake_board.wall_clock; }
inline void start() { ++fake_board.starts; }
inline bool start_outer_cache() { return true; }
[[noreturn]] inline void reset() { throw Board_was_reset {}; }

} // namespace board
} // namespace vambrace
