// SPDX-License-Identifier: Apache-2.0
// The PL011 UART (ARM DDI 0183) that a guest sees.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Transmits at once, so its transmit FIFO is always empty. Every access is a word; offsets outside the
/// device's registers read 0 and ignore writes.
class Vpl011 {
  public:
    static constexpr u32 size = page_size;
    /// Deeper than the 32 of DDI 0183: at 115200 baud it holds what comes while seven other guests have their
    /// turn of 10 ms each. Software that goes by the flags cannot tell.
    static constexpr u32 capacity = 1024;

    static constexpr u32 data = 0x00; ///< offset of DR (3.3.1)

    u32 read(u32 offset);
    /// \param out called for a character that the guest sends
    template <typename F>
    void write(u32 offset, u32 value, F out)
    {
        if (offset != data)
            return write_other(offset, value);
        if (loops_back())
            receive(static_cast<char>(value));
        else
            out(static_cast<char>(value));
        character_sent();
    }
    /// What is sent is received, and goes nowhere else.
    bool loops_back() const { return control_ & loopback; }
    /// The FIFO has gone down through its level already; the guest clears this or goes on writing (2.4.2).
    void character_sent() { raw_ |= transmit_interrupt; }

    /// A character for the guest. Without room it is lost and the guest sees an overrun.
    void receive(char c);
    /// Characters that receive() can take now.
    u32 room() const { return capacity - count_; }

    /// The interrupt output, UARTINTR: a level.
    bool line() const { return (raw_ & mask_) != 0; }

  private:
    u32 flags() const;
    u32 read_data();
    void write_other(u32 offset, u32 value);
    void update_receive();
    u32 trigger() const;

    static constexpr u32 transmit_interrupt = 1 << 5; // RIS
    static constexpr u32 loopback = 1 << 7;           // CR (3.3.8)

    u32 raw_ = 0;         ///< RIS
    u32 mask_ = 0;        ///< IMSC
    u32 control_ = 0x301; ///< CR; as after firmware: on, transmit, receive
    u32 line_control_ = 0;
    u32 fifo_levels_ = 0x12; ///< IFLS; DDI 0183 3.3.9: half full
    u32 integer_baud_ = 13;  ///< with fraction_baud_: 115200 from 24 MHz, as after firmware
    u32 fraction_baud_ = 1;
    u32 low_power_ = 0;
    u32 dma_control_ = 0;
    bool overrun_ = false;
    u32 head_ = 0;
    u32 count_ = 0;
    char fifo_[capacity] = {};
};

} // namespace vambrace
