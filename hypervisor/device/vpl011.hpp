// SPDX-License-Identifier: Apache-2.0
// The PL011 UART (ARM DDI 0183) that a guest sees.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Transmits at once, so its transmit FIFO is always empty. Every access is a word; offsets outside the
/// device's registers read 0 and ignore writes.
class Vpl011 {
  public:
    /// Receives each character the guest sends.
    using Sink = void (*)(unsigned guest, char c);
    static constexpr u32 size = page_size;
    /// Deeper than the 32 of DDI 0183: at 115200 baud it holds what comes while seven other guests have their
    /// turn of 10 ms each. Software that goes by the flags cannot tell.
    static constexpr u32 capacity = 1024;

    constexpr Vpl011() = default;
    constexpr Vpl011(Sink sink, unsigned guest) : sink_ {sink}, guest_ {guest} {}

    u32 read(u32 offset);
    void write(u32 offset, u32 value);

    /// A character for the guest. Without room it is lost and the guest sees an overrun.
    void receive(char c);
    /// Characters that receive() can take now.
    u32 room() const { return capacity - count_; }

    /// The interrupt output, UARTINTR: a level.
    bool line() const { return (raw_ & mask_) != 0; }

  private:
    u32 flags() const;
    u32 read_data();
    void write_data(char c);
    void update_receive();
    u32 trigger() const;

    Sink sink_ = nullptr;
    unsigned guest_ = 0;
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
    u16 head_ = 0;
    u16 count_ = 0;
    char fifo_[capacity] = {};
};

} // namespace vambrace
