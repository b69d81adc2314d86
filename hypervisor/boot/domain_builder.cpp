// SPDX-License-Identifier: Apache-2.0
// Places a guest and what is kept about it, and loads it as often as it starts.
#include <base/log.hpp>
#include <boot/domain_builder.hpp>
#include <boot/loader.hpp>
#include <kernel/cpu.hpp>
#include <new>
#include <pv/guest.hpp>

namespace vambrace {

namespace {

bool load_again(Domain &d, Origin const &origin)
{
    Boot_result<Ipa> const entry = load(d, static_cast<Bundle_origin const &>(origin));
    if (!entry)
        report(entry.problem());
    return entry.ok();
}

} // namespace

Boot_result<Ipa> load(Domain &d, Bundle_origin const &origin)
{
    this_cpu().leave();
    static_cast<Pv_guest &>(d).vcpu.processor->use_own_table();
    // What its former life has left in the caches, under other addresses maybe, goes to memory while that is
    // still its own.
    arch::caches().clean_invalidate_data();
    u8 *const memory = arch::ram_at(d.memory.first().physical(), origin.ram);
    arch::clear_table(reinterpret_cast<u32 *>(memory), d.memory.size());
    Guest_hardware const hardware {arch::cpu_compatible(), d.devices->clock.present()};
    Boot_result<Start> const start = load_guest(origin.config, memory, d.memory.size(), hardware);
    if (!start)
        return start.problem();
    d.kind.start(d, *start);
    arch::caches().clean_invalidate_all();
    return start->kernel;
}

Boot_result<Ipa> Domain_builder::make(unsigned id, Guest_config const &config)
{
    Problem const no_room {"no memory for the guest's tables", config.label,
                           "give it a smaller shadow-pool-kib"};
    u32 const pool_size = config.shadow_pool_kib * kib, pools = layout::pools + pools_;
    auto *const place = arena_.take<Pv_guest>(1);
    auto *const origin = arena_.take<Bundle_origin>(1);
    auto *const table = arena_.take<arch::Aligned<kib>>(1);
    auto *const page = arena_.take<arch::Aligned<page_size>>(1);
    if (!place || !origin || !table || !page)
        return no_room;
    auto &d = *new (place) Pv_guest {id, config.label, {Frame {memory_ >> 12}, config.memory}, processor_};
    d.origin = new (origin) Bundle_origin {{load_again}, config, ram_};
    Shadow_pool const pool {reinterpret_cast<u32 *>(std::uintptr_t {pools}), ram_ + mib + pools_, pool_size,
                            1 + pools_ / Shadow::l1_size};
    Pv_memory const own {table->words,
                         page->words,
                         arch::physical(table->words, ram_),
                         arch::physical(page->words, ram_),
                         pool,
                         arch::vectors_table(ram_)};
    if (d.init(own, arena_) != Error::none)
        return no_room;
    memory_ += config.memory;
    pools_ += pool_size;
    this_cpu().add(d);
    log("vambrace: guest %u (%s): %u MB at %08x, %u KB of shadow tables\n", id + 1, d.label(),
        config.memory / mib, d.memory.first().physical(), pool_size / kib);
    return load(d, *origin);
}

} // namespace vambrace
