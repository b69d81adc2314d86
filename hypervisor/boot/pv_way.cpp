// SPDX-License-Identifier: Apache-2.0
// What paravirtual guests are made of: shadow pools, a table and a page that each shares with us.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/pv_way.hpp>
#include <new>
#include <pv/guest.hpp>

namespace vambrace {

namespace {

/// Of all guests' pools together.
Boot_result<u32> pool_bytes(Bundle const &bundle)
{
    static_assert(all_shadow_pools_kib * kib == layout::pools_size);
    static_assert(layout::pools_size / Shadow::l1_size <= 256, "each first-level table has its own ASID");
    u32 sum = 0;
    for (unsigned n = 0; n != bundle.count; ++n) {
        if (bundle.guests[n].firmware.size)
            return Problem {"a guest with firmware needs the core's virtualization extensions",
                            bundle.guests[n].label, "give it a kernel instead, or use HYP mode"};
        u32 const size = bundle.guests[n].shadow_pool_kib;
        if (size > layout::pools_size / kib || sum + size * kib > layout::pools_size)
            return Problem {"the shadow pools do not fit", bundle.guests[n].label,
                            "all guests' shadow-pool-kib together may be at most %u",
                            layout::pools_size / kib};
        sum += size * kib;
    }
    return sum;
}

} // namespace

char const *Pv_way::name() const
{
    switch (mode_) {
    case Entry_mode::no_extensions: return "paravirtual: the core shows no virtualization extensions";
    case Entry_mode::non_secure_svc: return "paravirtual: entered in Non-secure SVC mode, not in HYP mode";
    default: return "paravirtual";
    }
}

void Pv_way::map_host() { arch::map_host(ram_, board::device_pages.data(), board::device_pages.size()); }

void Pv_way::trim_ram_map(u32 size)
{
    arch::trim_ram_map(size);
    arch::publish_table();
}

void Pv_way::start(Arena &arena)
{
    processor_ = new (arena.take<Pv_processor>(1)) Pv_processor {arch::physical(host_l1, ram_)};
    processor_->vfp.probe();
}

Boot_result<u32> Pv_way::reserve(Bundle const &bundle)
{
    Boot_result<u32> const pools = pool_bytes(bundle);
    if (!pools)
        return pools;
    return align_up(*pools, mib);
}

Boot_result<Domain *> Pv_way::make(Guest_place const &place, Guest_config const &config, Arena &arena)
{
    Problem const no_room {"no memory for the guest's tables", config.label,
                           "give it a smaller shadow-pool-kib"};
    u32 const pool_size = config.shadow_pool_kib * kib, pools = layout::pools + pools_;
    auto *const guest = arena.take<Pv_guest>(1);
    auto *const table = arena.take<arch::Aligned<kib>>(1);
    auto *const page = arena.take<arch::Aligned<page_size>>(1);
    if (!guest || !table || !page)
        return no_room;
    auto &d = *new (guest) Pv_guest {place.id, config.label, place.memory, *processor_};
    Shadow_pool const pool {reinterpret_cast<u32 *>(std::uintptr_t {pools}), ram_ + mib + pools_, pool_size,
                            1 + pools_ / Shadow::l1_size, pool_size / Shadow::l1_size};
    Pv_memory const own {table->words,
                         page->words,
                         arch::physical(table->words, ram_),
                         arch::physical(page->words, ram_),
                         pool,
                         arch::vectors_table(ram_)};
    if (d.init(own, arena) != Error::none)
        return no_room;
    pools_ += pool_size;
    log("vambrace: guest %u (%s): %u MB at %08x, %u KB of shadow tables\n", d.id + 1, d.label(),
        config.memory / mib, d.memory.first().physical(), pool_size / kib);
    return &d;
}

} // namespace vambrace
