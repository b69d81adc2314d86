// SPDX-License-Identifier: Apache-2.0
// What guests in HYP mode's care are made of: a second stage of translation and an interrupt controller.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/hyp_way.hpp>
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

/// Nothing is kept there.
Boot_result<u32> Hyp_way::reserve(Bundle const &) { return u32 {0}; }

Boot_result<Domain *> Hyp_way::make(Guest_place const &place, Guest_config const &config, Arena &arena)
{
    auto *const room = arena.take<Hyp_guest>(1);
    auto *const d = room ? new (room) Hyp_guest {place.id, config.label, place.memory, *processor_} : nullptr;
    if (!d || d->init(arena, ram_) != Error::none)
        return Problem {"no memory for the guest's tables", config.label, "use fewer guests"};
    log("vambrace: guest %u (%s): %u MB at %08x\n", d->id + 1, d->label(), config.memory / mib,
        d->memory.first().physical());
    return d;
}

} // namespace vambrace
