// SPDX-License-Identifier: Apache-2.0
// What paravirtual guests are made of: shadow pools, a table and a page that each shares with us.
#include <base/log.hpp>
#include <board.hpp>
#include <boot/pv_way.hpp>
#include <new>
#include <pv/guest.hpp>

namespace vambrace {

namespace {

constexpr u32 least_by_default_kib = 256, unit_kib = Shadow::l1_size / kib;
/// A process of Linux needs few of its tables at a time: with a 64th of the memory for them a guest of 128 MB
/// has room for those of a hundred and more (docs/benchmarks.md).
constexpr u32 memory_per_pool = 64;

static_assert(most_shadow_pool_kib * kib == layout::pool_size);
static_assert(sizeof(void *) != sizeof(u32) || // the host that runs the unit tests needs more
              Shadow::bookkeeping_size(all_shadow_pools_kib * kib) <= layout::more_memory_size);

/// Of a guest that says nothing of it.
constexpr u32 default_pool_kib(u32 memory, u32 share)
{
    u32 const wanted = align_down(memory / kib / memory_per_pool, unit_kib);
    u32 const most = share < most_shadow_pool_kib ? share : most_shadow_pool_kib;
    if (wanted > most)
        return most;
    return wanted > least_by_default_kib || most < least_by_default_kib ? wanted : least_by_default_kib;
}

Boot_result<u32> check(Bundle const &bundle)
{
    u32 sum = 0;
    for (unsigned n = 0; n != bundle.count; ++n) {
        Guest_config const &guest = bundle.guests[n];
        if (guest.firmware.size)
            return Problem {"a guest with firmware needs the core's virtualization extensions", guest.label,
                            "give it a kernel instead, or use HYP mode"};
        sum += guest.shadow_pool_kib ? guest.shadow_pool_kib : least_by_default_kib;
        if (sum > all_shadow_pools_kib)
            return Problem {"the shadow pools do not fit", guest.label,
                            "all guests' shadow-pool-kib together may be at most %u, and a guest without has "
                            "256 or more",
                            all_shadow_pools_kib};
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
    processor_ = new (arena.take<Pv_processor>(1)) Pv_processor {arch::physical(host_l1, ram_), ram_};
    processor_->vfp.probe();
}

/// The sizes of all pools. Those that go by the guests' memory share what the others leave.
/// \param available what guests have, and a little more: the pools are part of it
[[gnu::noinline]] Boot_result<u32> Pv_way::choose_pools(Bundle const &bundle, u32 available)
{
    auto const shared = share_memory(bundle, available, granule());
    if (!shared)
        return shared.problem();
    u32 left = all_shadow_pools_kib, sharing = 0, sum = 0;
    for (unsigned n = 0; n != bundle.count; ++n) {
        left -= bundle.guests[n].shadow_pool_kib;
        sharing += bundle.guests[n].shadow_pool_kib == 0;
    }
    for (unsigned n = 0; n != bundle.count; ++n) {
        u32 const wanted = bundle.guests[n].shadow_pool_kib;
        pools_[n].size = kib * (wanted ? wanted : default_pool_kib(shared->guests[n].memory, left / sharing));
        sum += pools_[n].size;
    }
    return sum;
}

/// ASID 0 is the hypervisor's own table. Each guest has some, whatever its pool's size, and shares the rest.
void Pv_way::share_asids(unsigned count, u32 all_pools)
{
    constexpr u32 asids = 255, least = 4;
    u32 next = 1;
    for (unsigned n = 0; n != count; ++n) {
        pools_[n].asid = next;
        pools_[n].asids = least + (asids - least * count) * (pools_[n].size / kib) / (all_pools / kib);
        next += pools_[n].asids;
    }
}

/// First what is kept about the tables, then the pools. A pool begins where all of it can be shown.
Boot_result<u32> Pv_way::reserve(Bundle const &bundle, u32 available)
{
    if (auto const checked = check(bundle); !checked)
        return checked;
    Boot_result<u32> const all = choose_pools(bundle, available);
    if (!all)
        return all;
    share_asids(bundle.count, *all);
    u32 bookkeeping = 0;
    for (unsigned n = 0; n != bundle.count; ++n)
        bookkeeping += Shadow::bookkeeping_size(pools_[n].size);
    bookkeeping = align_up(bookkeeping, page_size);
    u32 const begin = ram_ + mib;
    u32 next = begin + bookkeeping;
    for (unsigned n = 0; n != bundle.count; ++n) {
        Shadow_pool &pool = pools_[n];
        next = align_up(next, Shadow::l1_size);
        if (next % mib + pool.size > layout::pool_size)
            next = align_up(next, mib);
        pool.physical = next;
        pool.tables = reinterpret_cast<u32 *>(std::uintptr_t {layout::pool} + next % mib);
        next += pool.size;
    }
    arch::map_more_memory(begin, bookkeeping);
    auto *const memory = reinterpret_cast<u8 *>(std::uintptr_t {layout::more_memory});
    bookkeeping_ = Arena {memory, memory + bookkeeping};
    return align_up(next - begin, mib);
}

Boot_result<Domain *> Pv_way::make(Guest_place const &place, Guest_config const &config, Arena &arena)
{
    Problem const no_room {"no memory for the guest's tables", config.label, "use fewer guests"};
    auto *const guest = arena.take<Pv_guest>(1);
    auto *const table = arena.take<arch::Aligned<kib>>(1);
    auto *const page = arena.take<arch::Aligned<page_size>>(1);
    if (!guest || !table || !page)
        return no_room;
    auto &d = *new (guest) Pv_guest {place.id, config.label, place.memory, *processor_};
    d.windows = place.windows;
    Shadow_pool const &pool = pools_[place.id];
    Pv_memory const own {table->words,
                         page->words,
                         arch::physical(table->words, ram_),
                         arch::physical(page->words, ram_),
                         pool,
                         arch::vectors_table(ram_)};
    if (d.init(own, bookkeeping_) != Error::none)
        return no_room;
    log("vambrace: guest %u (%s): %u MB at %08x, %u KB of shadow tables\n", d.id + 1, d.label(),
        config.memory / mib, d.memory.first().physical(), pool.size / kib);
    return &d;
}

} // namespace vambrace
