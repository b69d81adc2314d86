// SPDX-License-Identifier: Apache-2.0
// The PL011 UART (ARM DDI 0183), polled output and interrupt-driven input.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Pl011 {
  public:
    constexpr explicit Pl011(std::uintptr_t base) : registers_ {base} {}

    /// Takes over the UART as the boot loader left it (its baud rate stays): on, FIFOs on, silent.
    void start() const
    {
        registers_.write(Offset::imsc, 0);
        registers_.write(Offset::icr, all_interrupts);
        registers_.write(Offset::lcr_h, word_length_8 | fifo_enable);
        registers_.write(Offset::cr, uart_enable | transmit_enable | receive_enable);
    }

    /// For a board whose loader sets none. Takes effect with start(). \param clock UARTCLK in Hz
    void set_baud(u32 clock, u32 baud) const
    {
        u32 const divisor = (8 * clock / baud + 1) / 2; // in 64ths (DDI 0183 3.3.6), rounded
        registers_.write(Offset::cr, 0);
        registers_.write(Offset::ibrd, divisor / 64);
        registers_.write(Offset::fbrd, divisor % 64);
    }

    /// Waits while the transmit FIFO is full.
    void put(char c) const
    {
        while (registers_.read(Offset::fr) & transmit_full) {}
        registers_.write(Offset::dr, static_cast<u8>(c));
    }

    /// Returns when the last character has left the board: for use before a reset.
    void drain() const
    {
        while (registers_.read(Offset::fr) & busy) {}
    }

    bool readable() const { return !(registers_.read(Offset::fr) & receive_empty); }
    /// \pre readable(). Its error bits (DDI 0183 3.3.1) are dropped.
    char get() const { return static_cast<char>(registers_.read(Offset::dr)); }

    /// The interrupt is a level: it stays until the FIFO has been read, or ack().
    void enable_rx_interrupt() const { registers_.write(Offset::imsc, receive_level | receive_timeout); }
    void disable_rx_interrupt() const { registers_.write(Offset::imsc, 0); }
    void ack() const { registers_.write(Offset::icr, all_interrupts); }

  private:
    /// DDI 0183 table 3-1.
    enum class Offset : u32 {
        dr = 0x00,
        fr = 0x18,
        ibrd = 0x24,
        fbrd = 0x28,
        lcr_h = 0x2c,
        cr = 0x30,
        imsc = 0x38,
        icr = 0x44,
    };

    // FR, LCR_H, CR; IMSC and ICR
    static constexpr u32 busy = 1 << 3, receive_empty = 1 << 4, transmit_full = 1 << 5;
    static constexpr u32 fifo_enable = 1 << 4, word_length_8 = 3 << 5;
    static constexpr u32 uart_enable = 1 << 0, transmit_enable = 1 << 8, receive_enable = 1 << 9;
    static constexpr u32 receive_level = 1 << 4, receive_timeout = 1 << 6, all_interrupts = 0x7ff;

    Mmio<Offset> registers_;
};

} // namespace vambrace
