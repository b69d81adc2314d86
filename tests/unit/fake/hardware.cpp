// SPDX-License-Identifier: Apache-2.0
// The memory side of a core, and what the rest of the
// hypervisor takes from its linker script and main.cpp.
#include <arch.hpp>
#include <base/log.hpp>
#include <cstring>
#include <sys/mman.h>
#include <wait.hpp>

extern "C" {
vambrace::u8 __arena_start[1], __arena_end[1];
}
vambrace::u32 host_l1[4096];

namespace vambrace {

u32 const svc_handlers[2] = {0x1000, 0x1000 + Context::svc_of_kernel};

Hardware hardware;

void core::wait_for_interrupt()
{
    if (!hardware.on_wait)
        throw Sleeps_forever {};
    hardware.spend();
    hardware.on_wait();
}

void halt() { throw Hypervisor_fault {"halt", 0}; }
void panic(char const *why) { throw Hypervisor_fault {why, 0}; }
void assertion_failed(char const *condition, char const *, unsigned line)
{
    throw Hypervisor_fault {condition, line};
}

namespace {

/// Where simulated memory lies on the host. A page that nobody touches costs nothing, which the heap's would
/// (most of a guest's RAM, for each test). An access beside a region faults, and so does one to a region that
/// is gone: an address is used again after 32 GB.
class Host_pages {
  public:
    static constexpr std::size_t size = std::size_t {64} << 30;
    static constexpr u32 alignment = 16 * kib, gap = mib;

    std::shared_ptr<u32[]> allocate(u32 bytes)
    {
        u32 const whole = align_up(bytes, alignment);
        if (live_ == 0 && next_ > size / 2)
            next_ = gap;
        if (next_ + whole + gap > size)
            throw Hypervisor_fault {"more memory than a test has", bytes};
        auto *const memory = static_cast<u32 *>(map(base_ + next_, whole, PROT_READ | PROT_WRITE, MAP_FIXED));
        next_ += whole + gap;
        ++live_;
        return {memory, [this, whole](u32 *p) { map(p, whole, PROT_NONE, MAP_FIXED), --live_; }};
    }

  private:
    static void *map(void *where, std::size_t bytes, int protection, int more)
    {
        constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void *const memory = mmap(where, bytes, protection, flags | more, -1, 0);
        if (memory == MAP_FAILED)
            throw Hypervisor_fault {"the host has no memory left", 0};
        return memory;
    }

    u8 *base_ = static_cast<u8 *>(map(nullptr, size, PROT_NONE, 0));
    std::size_t next_ = gap;
    unsigned live_ = 0;
};

} // namespace

u32 *Hardware::add_memory(u32 physical, u32 size, bool tables)
{
    static Host_pages pages;
    regions_.push_back({physical, size, tables, pages.allocate(size), {}});
    regions_.back().view.resize(tables ? size / 4 : 0);
    return regions_.back().words.get();
}

Hardware::Region *Hardware::find(u32 physical)
{
    for (Region &region : regions_)
        if (physical - region.physical < region.size)
            return &region;
    return nullptr;
}

u32 *Hardware::memory(u32 physical)
{
    Region *const region = find(physical);
    return region ? &region->words[(physical - region->physical) / 4] : nullptr;
}

u32 Hardware::physical(void const *p) const
{
    for (Region const &region : regions_) {
        auto const offset =
            reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(region.words.get());
        if (offset < region.size)
            return region.physical + static_cast<u32>(offset);
    }
    throw Hypervisor_fault {"no physical address", 0};
}

std::optional<u32> Hardware::table_word(u32 physical)
{
    Region *const region = find(physical);
    if (!region || !region->tables)
        throw Hypervisor_fault {"the walker reads outside of the hypervisor's tables", physical};
    return region->view[(physical - region->physical) / 4];
}

std::optional<Hardware::Translation> Hardware::walk(u32 table, u32 va)
{
    u32 const l1 = *table_word(table + (va >> 20) * 4);
    switch (walk::first_level(l1, va)) {
    case walk::First::nothing: return std::nullopt;
    case walk::First::section: return Translation {l1, 0};
    case walk::First::table: break;
    }
    u32 const l2 = *table_word((l1 & 0xfffffc00) + (va >> 12 & 0xff) * 4);
    return walk::is_page(l2, va) ? std::optional {Translation {l1, l2}} : std::nullopt;
}

/// What the TLB has of a page. Two entries that match are UNPREDICTABLE (DDI 0406C B3.9.3).
std::optional<Hardware::Translation> Hardware::cached(u32 va) const
{
    auto const own = tlb_.find({va >> 12, has_asids ? asid : 0}), shared = tlb_.find({va >> 12, global});
    if (own != tlb_.end() && shared != tlb_.end())
        throw Hypervisor_fault {"two entries of the TLB match", va};
    auto const found = own != tlb_.end() ? own : shared;
    return found != tlb_.end() ? std::optional {found->second.translation} : std::nullopt;
}

Hardware::Outcome Hardware::access(u32 va, walk::Kind kind, Mode mode)
{
    spend();
    std::optional<Translation> t = cached(va);
    if (!t)
        t = walk(va);
    u32 const l1 = t ? t->l1 : *table_word(ttbr + (va >> 20) * 4);
    u32 const domain = l1 >> 5 & 15;
    if (!t)
        return {walk::status(walk::first_level(l1, va) == walk::First::table ? 7 : 5, domain, kind), 0};
    tlb_[key_of(va, *t)] = {*t, ttbr};
    u32 const page = t->l2 ? 2 : 0, dacr_field = dacr >> (2 * domain) & 3;
    if (dacr_field == 3)
        throw Hypervisor_fault {"a manager domain", va};
    if (dacr_field != 1)
        return {walk::status(0x9 | page, domain, kind), 0};
    if (!walk::permits(*t, va, kind, mode))
        return {walk::status(0xd | page, domain, kind), 0};
    return {0, t->l2 ? (t->l2 & 0xfffff000) | (va & 0xfff) : (t->l1 & 0xfff00000) | (va & 0xfffff)};
}

void Hardware::drain()
{
    for (Region &region : regions_)
        if (region.tables)
            std::memcpy(region.view.data(), region.words.get(), region.size);
}

void Hardware::write_back()
{
    for (auto const &[address, value] : dirty_)
        *memory(address) = value;
    dirty_.clear();
}

Hardware::Tlb_key Hardware::key_of(u32 va, Translation const &t) const
{
    return {va >> 12, !has_asids ? 0 : walk::is_global(t, va) ? global : asid};
}

void Hardware::invalidate_tlb(u32 va, u32 of_asid)
{
    for (u32 const a : {has_asids ? of_asid : 0, global}) {
        auto const entry = tlb_.find({va >> 12, a});
        if (entry == tlb_.end())
            continue;
        if (entry->second.translation.l2 == 0)
            std::erase_if(tlb_,
                          [&](auto const &e) { return e.first.page >> 8 == va >> 20 && e.first.asid == a; });
        else
            tlb_.erase(entry);
    }
}

void Hardware::invalidate_tlb_everywhere(u32 va)
{
    std::vector<u32> asids {global};
    for (auto const &[key, entry] : tlb_)
        if (key.page == va >> 12)
            asids.push_back(key.asid);
    for (u32 const a : asids)
        invalidate_tlb(va, a);
}

void Hardware::invalidate_asid(u32 of_asid)
{
    if (has_asids)
        std::erase_if(tlb_, [&](auto const &e) { return e.first.asid == of_asid; });
    else
        invalidate_tlb();
}

std::vector<u32> Hardware::stale()
{
    // A TLB keeps a page's domain, rights and frame, and not which second-level table they came from.
    auto const agree = [](Translation const &a, Translation const &b) {
        return a.l2 == b.l2 && (a.l2 ? (a.l1 >> 5 & 15) == (b.l1 >> 5 & 15) : a.l1 == b.l1);
    };
    std::vector<u32> found;
    for (auto const &[key, entry] : tlb_) {
        std::optional<Translation> const now = walk(entry.table, key.page << 12);
        if (!now || !agree(*now, entry.translation))
            found.push_back(key.page << 12);
    }
    return found;
}

} // namespace vambrace
