// SPDX-License-Identifier: Apache-2.0
// The emulated PL031's registers; section numbers are those of ARM DDI 0224C.
#include <device/vpl031.hpp>

namespace vambrace {

namespace {

enum Offset : u32 {
    dr = 0x00,
    mr = 0x04,
    lr = 0x08,
    cr = 0x0c,
    imsc = 0x10,
    ris = 0x14,
    mis = 0x18,
    icr = 0x1c,
    id_first = 0xfe0,
};

constexpr u32 started = 1; // RTCCR: firmware has switched it on, and no write switches it off

/// RTCPeriphID0..3, RTCPCellID0..3: part 0x031 of ARM.
constexpr u8 identification[] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

u32 read_identification(u32 offset)
{
    u32 const index = (offset - id_first) / 4;
    return offset >= id_first && index < sizeof identification ? identification[index] : 0;
}

} // namespace

u32 Vpl031::read(u32 offset, Time_ns now)
{
    advance(now);
    switch (offset) {
    case dr: return counter(now);
    case mr: return match_;
    case lr: return load_;
    case cr: return started;
    case imsc: return mask_;
    case ris: return raw_;
    case mis: return raw_ & mask_;
    default: return read_identification(offset);
    }
}

void Vpl031::write(u32 offset, u32 value, Time_ns now)
{
    advance(now);
    switch (offset) {
    case mr: match_ = value; return set_alarm(now);
    case lr:
        load_ = value;
        offset_ += value - counter(now);
        return set_alarm(now);
    case imsc: mask_ = value & 1; return;
    case icr: raw_ = 0; return; // whatever the value is (2.1)
    default: return;
    }
}

void Vpl031::reset()
{
    match_ = raw_ = mask_ = 0;
    alarm_ = never;
}

/// The interrupt comes when counter and match register are equal (2.1), so a match that is past comes when
/// the counter has gone round.
void Vpl031::set_alarm(Time_ns now)
{
    u32 const ticks = match_ - counter(now);
    alarm_ = board_.after(ticks, now);
    advance(now);
}

void Vpl031::advance(Time_ns now)
{
    if (now < alarm_)
        return;
    raw_ = 1;
    alarm_ = never;
}

} // namespace vambrace
