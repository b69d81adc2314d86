// SPDX-License-Identifier: Apache-2.0
// What guests in HYP mode's care are made of: a second stage of translation and an interrupt controller.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/hyp_way.hpp>
#include <cstring>
#include <hyp/guest.hpp>
#include <new>

namespace vambrace {

char const *Hyp_way::name() const
{
    return mode_ == Entry_mode::hyp ? "HYP mode, as entered" : "HYP mode, taken from Secure SVC mode";
}

void Hyp_way::map_host() { armv7ve::map_hyp(ram_, board::device_pages.data(), board::device_pages.size()); }

void Hyp_way::trim_ram_map(u32 size) { armv7ve::trim_hyp_ram(size); }

void Hyp_way::start(Arena &arena)
{
    processor_ = new (arena.take<Hyp_processor>(1)) Hyp_processor {ram_};
    processor_->start();
}

/// Guests' firmware is kept there, in whole blocks of the second stage.
Boot_result<u32> Hyp_way::reserve(Bundle const &bundle, u32)
{
    u32 const begin = ram_ + mib, first = align_up(begin, lpae::block_2m);
    u32 next = first;
    for (unsigned n = 0; n != bundle.count; ++n) {
        Image const image = bundle.guests[n].firmware;
        firmware_[n] = {Frame {next >> 12}, image.size};
        for (unsigned other = 0; other != n; ++other)
            if (bundle.guests[other].firmware.data == image.data)
                firmware_[n] = firmware_[other];
        if (firmware_[n].first.physical() == next)
            next += firmware_[n].whole_size();
    }
    return next == first ? u32 {0} : next - begin;
}

/// Flash that is not written reads as ones. What is shared is written again, to the same.
void Hyp_way::copy_firmware(Firmware firmware, Image image) const
{
    u8 *const to = arch::ram_at(firmware.first.physical(), ram_);
    std::memset(to, 0xff, firmware.whole_size());
    std::memcpy(to, image.data, image.size);
}

Boot_result<Domain *> Hyp_way::make(Guest_place const &place, Guest_config const &config, Arena &arena)
{
    auto *const room = arena.take<Hyp_guest>(1);
    auto *const d = room ? new (room) Hyp_guest {place.id, config.label, place.memory, *processor_} : nullptr;
    if (d)
        d->windows = place.windows;
    if (!d || d->init(firmware_[place.id], arena, ram_) != Error::none)
        return Problem {"no memory for the guest's tables", config.label, "use fewer guests"};
    if (config.firmware.size)
        copy_firmware(firmware_[place.id], config.firmware);
    log("vambrace: guest %u (%s): %u MB at %08x\n", d->id + 1, d->label(), config.memory / mib,
        d->memory.first().physical());
    return d;
}

} // namespace vambrace
