// SPDX-License-Identifier: Apache-2.0
// The Cadence UART of the Zynq-7000 (Xilinx UG585 chapter 19), polled output and interrupt-driven input.
#pragma once
#include <base/mmio.hpp>

namespace vambrace {

class Cadence_uart {
  public:
    constexpr explicit Cadence_uart(std::uintptr_t base) : registers_ {base} {}

    /// Takes over the UART as the boot loader left it (its baud rate stays): on, both ways, silent.
    void start() const
    {
        registers_.write(Offset::interrupt_disable, all_interrupts);
        registers_.write(Offset::interrupt_status, all_interrupts);
        registers_.write(Offset::receive_trigger, 1);
        registers_.write(Offset::control, receive_enable | transmit_enable);
    }

    /// Waits while the transmit FIFO is full.
    void put(char c) const
    {
        while (registers_.read(Offset::status) & transmit_full) {}
        registers_.write(Offset::fifo, static_cast<u8>(c));
    }

    /// Returns when the last character has left the board: for use before a reset.
    void drain() const
    {
        while ((registers_.read(Offset::status) & (transmit_empty | transmit_active)) != transmit_empty) {}
    }

    bool readable() const { return !(registers_.read(Offset::status) & receive_empty); }
    /// \pre readable()
    char get() const
    {
        char const c = static_cast<char>(registers_.read(Offset::fifo));
        // The status is sticky. It may go with the last character
        // only, and before the caller looks for another.
        if (!readable())
            registers_.write(Offset::interrupt_status, receive_trigger);
        return c;
    }

    /// The interrupt stays until the FIFO has been read.
    void enable_rx_interrupt() const { registers_.write(Offset::interrupt_enable, receive_trigger); }
    void disable_rx_interrupt() const { registers_.write(Offset::interrupt_disable, receive_trigger); }

  private:
    /// UG585 B.33.
    enum class Offset : u32 {
        control = 0x00,
        interrupt_enable = 0x08,
        interrupt_disable = 0x0c,
        interrupt_status = 0x14,
        receive_trigger = 0x20,
        status = 0x2c,
        fifo = 0x30,
    };

    // CR; interrupts; SR
    static constexpr u32 receive_enable = 1 << 2, transmit_enable = 1 << 4;
    static constexpr u32 receive_trigger = 1 << 0, all_interrupts = 0x1fff;
    static constexpr u32 receive_empty = 1 << 1, transmit_empty = 1 << 3, transmit_full = 1 << 4;
    static constexpr u32 transmit_active = 1 << 11;

    Mmio<Offset> registers_;
};

} // namespace vambrace
