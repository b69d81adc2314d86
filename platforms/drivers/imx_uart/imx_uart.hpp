// SPDX-License-Identifier: Apache-2.0
// The UART of i.MX processors (NXP IMX6DQRM chapter 64), polled output and interrupt-driven input.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Imx_uart {
  public:
    constexpr explicit Imx_uart(std::uintptr_t base) : registers_ {base} {}

    /// Takes over the UART as the boot loader left it (its baud rate and pins stay): on, both ways, silent.
    void start() const
    {
        registers_.write(Offset::ucr1, enable);
        registers_.write(Offset::ucr4, registers_.read(Offset::ucr4) & ~ucr4_interrupts);
        registers_.write(Offset::ucr3, registers_.read(Offset::ucr3) & ~ucr3_interrupts);
        u32 const settings = registers_.read(Offset::ucr2) & ~ucr2_interrupts;
        registers_.write(Offset::ucr2, settings | transmit_enable | receive_enable | not_reset);
        // One character is enough to interrupt; the level for sending and the clock's divisor stay.
        registers_.write(Offset::ufcr, (registers_.read(Offset::ufcr) & ~receive_level) | 1);
    }

    /// Waits while the transmit FIFO is full.
    void put(char c) const
    {
        while (registers_.read(Offset::uts) & transmit_full) {}
        registers_.write(Offset::utxd, static_cast<u8>(c));
    }

    /// Returns when the last character has left the board: for use before a reset.
    void drain() const
    {
        while (!(registers_.read(Offset::usr2) & transmit_complete)) {}
    }

    bool readable() const { return registers_.read(Offset::usr2) & receive_ready; }
    /// \pre readable(). Its error bits are dropped.
    char get() const { return static_cast<char>(registers_.read(Offset::urxd)); }

    /// The interrupt is a level: it stays until the FIFO has been read.
    void enable_rx_interrupt() const { registers_.write(Offset::ucr1, enable | receive_interrupt); }
    void disable_rx_interrupt() const { registers_.write(Offset::ucr1, enable); }

  private:
    /// IMX6DQRM 64.15.
    enum class Offset : u32 {
        urxd = 0x00,
        utxd = 0x40,
        ucr1 = 0x80,
        ucr2 = 0x84,
        ucr3 = 0x88,
        ucr4 = 0x8c,
        ufcr = 0x90,
        usr2 = 0x98,
        uts = 0xb4,
    };

    // UCR1; UCR2; UFCR
    static constexpr u32 enable = 1 << 0, receive_interrupt = 1 << 9;
    static constexpr u32 not_reset = 1 << 0, receive_enable = 1 << 1, transmit_enable = 1 << 2;
    static constexpr u32 receive_level = 0x3f;
    // ATEN, RTSEN, ESCI; RXDSEN, AIRINTEN, AWAKEN, DTRDEN, FRAERREN, PARERREN, DTREN;
    // DREN, OREN, BKEN, TCEN, LPBYP, IRSC, IDDMAEN, WKEN, ENIRI
    static constexpr u32 ucr2_interrupts = 1 << 3 | 1 << 4 | 1 << 15;
    static constexpr u32 ucr3_interrupts = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 11 | 1 << 12 | 1 << 13;
    static constexpr u32 ucr4_interrupts = 0x1ff;
    // USR2; UTS
    static constexpr u32 receive_ready = 1 << 0, transmit_complete = 1 << 3;
    static constexpr u32 transmit_full = 1 << 4;

    Mmio<Offset> registers_;
};

} // namespace vambrace
