// SPDX-License-Identifier: Apache-2.0
// The emulated PL011's registers; section numbers are those of ARM DDI 0183.
#include <device/vpl011.hpp>

namespace vambrace {

namespace {

/// Table 3-1.
enum Offset : u32 {
    rsr = 0x04,
    fr = 0x18,
    ilpr = 0x20,
    ibrd = 0x24,
    fbrd = 0x28,
    lcr_h = 0x2c,
    cr = 0x30,
    ifls = 0x34,
    imsc = 0x38,
    ris = 0x3c,
    mis = 0x40,
    icr = 0x44,
    dmacr = 0x48,
    id_first = 0xfe0,
};

/// IMSC, RIS, MIS, ICR (3.3.10).
constexpr u32 receive_interrupt = 1 << 4, timeout_interrupt = 1 << 6;
constexpr u32 overrun_interrupt = 1 << 10, all_interrupts = 0x7ff;

/// DR (3.3.1) and RSR (3.3.2).
constexpr u32 data_overrun = 1 << 11, status_overrun = 1 << 3;

/// FR (3.3.3): a terminal is connected and ready; nothing waits to be sent.
constexpr u32 modem_ready = 7, receive_empty = 1 << 4, receive_full = 1 << 6, transmit_empty = 1 << 7;

constexpr u32 fifo_enable = 1 << 4;      // LCR_H (3.3.7)
constexpr u32 control_writable = 0xff87; // CR (3.3.8)

/// PeriphID0..3, PCellID0..3 (3.3.14): part 0x011 of ARM, revision 3, whose FIFOs hold 32.
constexpr u8 identification[] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

constexpr u32 architectural_fifo = 32;

u32 read_identification(u32 offset)
{
    u32 const index = (offset - id_first) / 4;
    return offset >= id_first && index < sizeof identification ? identification[index] : 0;
}

} // namespace

u32 Vpl011::read(u32 offset)
{
    switch (offset) {
    case fr: return flags();
    case data: return read_data();
    case rsr: return overrun_ ? status_overrun : 0;
    case ilpr: return low_power_;
    case ibrd: return integer_baud_;
    case fbrd: return fraction_baud_;
    case lcr_h: return line_control_;
    case cr: return control_;
    case ifls: return fifo_levels_;
    case imsc: return mask_;
    case ris: return raw_;
    case mis: return raw_ & mask_;
    case dmacr: return dma_control_;
    default: return read_identification(offset);
    }
}

void Vpl011::write_other(u32 offset, u32 value)
{
    switch (offset) {
    case rsr: overrun_ = false; return;
    case ilpr: low_power_ = value & 0xff; return;
    case ibrd: integer_baud_ = value & 0xffff; return;
    case fbrd: fraction_baud_ = value & 0x3f; return;
    case lcr_h: line_control_ = value & 0xff; return update_receive();
    case cr: control_ = value & control_writable; return;
    case ifls: fifo_levels_ = value & 0x3f; return update_receive();
    case imsc: mask_ = value & all_interrupts; return;
    case icr: raw_ &= ~value; return;
    case dmacr: dma_control_ = value & 7; return;
    default: return;
    }
}

void Vpl011::receive(char c)
{
    if (count_ == capacity) {
        overrun_ = true;
        raw_ |= overrun_interrupt;
        return;
    }
    fifo_[(head_ + count_++) % capacity] = c;
    // The timeout (2.4.2) comes at once: it spares the guest the wait and us a timer.
    raw_ |= timeout_interrupt;
    update_receive();
}

u32 Vpl011::flags() const
{
    u32 const receive = count_ == 0 ? receive_empty : count_ == capacity ? receive_full : 0;
    return modem_ready | transmit_empty | receive;
}

u32 Vpl011::read_data()
{
    if (!count_) {
        return 0;
    }
    u32 const lost = overrun_ ? data_overrun : 0;
    char const c = fifo_[head_];
    head_ = (head_ + 1) % capacity;
    --count_;
    // A driver that reads 32 and clears the interrupt, or 32 without it, has not seen all of this FIFO: the
    // timeout comes again for the rest.
    raw_ = count_ ? raw_ | timeout_interrupt : raw_ & ~timeout_interrupt;
    if (count_ < trigger()) {
        raw_ &= ~receive_interrupt;
    }
    return lost | static_cast<u8>(c);
}

void Vpl011::update_receive()
{
    if (count_ >= trigger()) {
        raw_ |= receive_interrupt;
    }
}

/// How many characters raise the receive interrupt: 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO, or 1 without FIFO.
u32 Vpl011::trigger() const
{
    if (!(line_control_ & fifo_enable)) {
        return 1;
    }
    constexpr u8 eighths[8] = {1, 2, 4, 6, 7, 7, 7, 7};
    return architectural_fifo * eighths[bits(fifo_levels_, 5, 3)] / 8;
}

} // namespace vambrace
