// SPDX-License-Identifier: Apache-2.0
// Shadow tables: the few functions that both filling and flushing run for every page.
#pragma once
#include <pv/shadow/shadow.hpp>

namespace vambrace {

/// A word of a guest table, through the address where the guest wrote it: on a virtually tagged cache only
/// that finds the line (DDI 0198 4.1). Every table maps
/// the linear map to the guest's RAM, so the load is safe.
[[gnu::always_inline]] inline Result<u32> Shadow::read_table(Ipa ipa)
{
    if (linear_.covers(ipa))
        return arch::load_trusted(linear_.address_of(ipa));
    Result<Frame> const frame = memory_.frame_of(ipa);
    if (!frame)
        return frame.error();
    return arch::load_alias(*frame, ipa.value & (page_size - 1));
}

[[gnu::always_inline]] inline Result<u32> Shadow::first_level(u32 base, u32 va)
{
    return read_table(Ipa {base + arch::l1_offset(va)});
}

[[gnu::always_inline]] inline Shadow::Page_class const &Shadow::class_of(u32 ap, u32 domain)
{
    Page_class &c = classes_[(ap & 3) | (domain & 3) << 2];
    if (c.key != (ap | domain << 8))
        c = make_class(ap, domain);
    return c;
}

/// What the guest's word in a usual table becomes. Error::address:
/// it is none of the small pages that guest user sees.
[[gnu::always_inline]] inline Result<u32> Shadow::usual_entry(u32 word) const
{
    u32 const attributes = word & 0xfff, offset = word - attributes - VAMBRACE_RAM_IPA;
    Small_page const &p = usual_.pages[arch::small_page_kind(word)];
    if (p.key != attributes || offset >= memory_.size())
        return Error::address;
    return p.low + offset;
}

/// The guest has mapped nothing there; or its page is in the shadow and forbids the access: as in a TLB, that
/// holds until the guest flushes it.
[[gnu::always_inline]] inline Result<u32> Shadow::certain_fault(Va va, u32 status) const
{
    if (!now_->guest)
        return Error::again;
    u32 const l1_word = arch::load_trusted(now_->guest + arch::l1_offset(va.value));
    bool const translation = arch::fsr::is_translation(status);
    if (!is_usual(l1_word)) { // no table at all: as walk_entry() says it
        if (l1_word == 0 && translation)
            return arch::fsr::translation;
    } else if (translation) {
        if (arch::load_trusted(usual_table(l1_word) + arch::l2_offset(va.value)) == 0)
            return usual_.told;
    } else if (arch::fsr::is_permission(status)) {
        return usual_.told | arch::fsr::permission;
    }
    return Error::again;
}

[[gnu::always_inline]] inline bool Shadow::refill_quickly(Va va)
{
    L1_info const &l1 = *now_;
    if (!l1.guest)
        return false;
    u32 const guest_word = arch::load_trusted(l1.guest + arch::l1_offset(va.value));
    if (!is_usual(guest_word))
        return false;
    u32 const guest = usual_table(guest_word), index = bits(va.value, 19, 12), next = index ^ 1;
    Result<u32> const word = usual_entry(arch::load_trusted(guest + index * 4));
    u32 const table = user_l2_index(l1.table[va.value >> 20]);
    if (!word || table >= l2_count_ || is_vectors_page(va.value))
        return false;
    L2_info &info = l2_[table];
    u32 *const entries = l2(table);
    if (info.guest_table != arch::L1_entry {guest_word}.table_and_domain() || entries[index])
        return false;
    entries[index] = *word;
    info.present[index >> 5] |= 1u << (index & 31);
    if (!entries[next] && arch::load_trusted(guest + next * 4)) // it has mapped several at once
        fill_neighbours(va.value, table, arch::L1_entry {guest_word});
    arch::sync_tables();
    return true;
}

/// The current table's entry is another one now: of one that
/// guest user may see, so that it is in no other table.
[[gnu::always_inline]] inline void Shadow::changed_page(Va va) { arch::tlb_invalidate(va, now_->asid); }

[[gnu::always_inline]] inline void Shadow::drop_page(u32 base, Va va)
{
    ASSERT(is_aligned(va.value, page_size));
    u32 const table = user_l2_index(now_->table[va.value >> 20]);
    if (now_->base != base || table >= l2_count_ || is_vectors_page(va.value) || l2_[table].wide) {
        resync(base, va.value, page_size);
        return;
    }
    u32 &entry = l2(table)[bits(va.value, 19, 12)];
    if (entry) {
        entry = 0;
        changed_page(va);
    }
}

/// The usual flush: of a page that guest user sees, in the current table.
[[gnu::always_inline]] inline void Shadow::resync_page(u32 base, Va va)
{
    ASSERT(is_aligned(va.value, page_size));
    u32 const table = user_l2_index(now_->table[va.value >> 20]);
    u32 const guest_word = now_->guest ? arch::load_trusted(now_->guest + arch::l1_offset(va.value)) : 0;
    if (now_->base != base || table >= l2_count_ || is_vectors_page(va.value) || !is_usual(guest_word) ||
        l2_[table].guest_table != arch::L1_entry {guest_word}.table_and_domain() || l2_[table].wide) {
        resync(base, va.value, page_size);
        return;
    }
    u32 &entry = l2(table)[bits(va.value, 19, 12)];
    if (entry == 0)
        return;
    u32 const word = arch::load_trusted(usual_table(guest_word) + arch::l2_offset(va.value));
    u32 const now = usual_entry(word).value_or(0);
    if (entry == now)
        return;
    entry = now;
    ++resynced_;
    changed_page(va);
}

/// The hardware's entry for the page, or 0: not RAM, or nothing that this mode may do.
[[gnu::always_inline]] inline u32 Shadow::page_entry(arch::Mapping const &m, Page_class const &c,
                                                     bool kernel) const
{
    Result<Frame> const frame = memory_.frame_of(m.page);
    if (!frame || c.dead || !(kernel || c.visible))
        return 0;
    return arch::Shadow_entry::page(*frame, kernel ? c.kernel_rights : c.user_rights, m.memory);
}

/// The low bits of the shadow's entry for the guest's word of a small page that all modes see alike, or 0: it
/// is none, or not of the wanted kind. visible: to guest user as well.
[[gnu::always_inline]] inline u32 Shadow::small_page_bits(u32 word, u32 domain, bool visible)
{
    u32 const key = (word & 0xfff) | domain << 12;
    Small_page &p = small_pages_[arch::small_page_kind(word) | (visible ? 0 : arch::small_page_kinds)];
    if (p.key == key)
        return p.low;
    u32 &other = other_pages_[visible];
    if (other == key)
        return 0;
    u32 const low = small_page_low(word, domain, visible);
    if (low) // what is of another kind does not drive out what is of this one
        p = {key, low};
    else
        other = key;
    return low;
}

/// \param low of small_page_bits(), not 0
inline Shadow::Run Shadow::run_of(u32 low, u32 attributes) const
{
    return {attributes, VAMBRACE_RAM_IPA + attributes, memory_.first().physical() + low, memory_.size()};
}

/// The whole entry, or 0.
[[gnu::always_inline]] inline u32 Shadow::small_page_entry(u32 word, u32 domain, bool visible)
{
    u32 const low = small_page_bits(word, domain, visible);
    u32 const offset = (word & 0xfffff000) - VAMBRACE_RAM_IPA;
    return offset < memory_.size() && low ? memory_.first().physical() + offset + low : 0;
}

/// Did the entry change?
[[gnu::always_inline]] inline bool Shadow::set_l2(u32 table, u32 index, u32 word)
{
    u32 *const entry = l2(table) + index;
    if (*entry == word)
        return false;
    *entry = word;
    u32 const mask = 1u << (index & 31);
    u32 &present = l2_[table].present[index >> 5];
    present = word ? present | mask : present & ~mask;
    return true;
}

/// An entry of a second-level table that the first-level table i links has changed: no TLB may show the old
/// one. A shared table is behind several address spaces.
inline void Shadow::changed_entry(u32 i, u32 table, Va va)
{
    if (l2_[table].owner == owner_shared)
        arch::tlb_invalidate_everywhere(va);
    else if (may_be_cached(i))
        arch::tlb_invalidate(va, asid(i));
}

/// Several entries.
inline void Shadow::changed_entries(u32 i, u32 table)
{
    if (l2_[table].owner == owner_shared)
        arch::tlb_invalidate_all();
    else if (may_be_cached(i))
        arch::tlb_invalidate_asid(asid(i));
}

inline u32 lowest_bit(u32 word) { return 31 - static_cast<u32>(__builtin_clz(word & -word)); }

/// Calls f(megabyte) for those of [first, last] that have an entry; it says whether to go on.
template <typename F>
inline void Shadow::for_populated(u32 i, u32 first, u32 last, F f)
{
    if (first == last) { // a page or a few: the usual flush
        if (l1(i)[first])
            f(first);
        return;
    }
    for (u32 group = first >> 8; group <= last >> 8; ++group) {
        for (u32 bits = l1_[i].populated[group]; bits; bits &= bits - 1) {
            u32 const start = group << 8 | lowest_bit(bits) << 3;
            if (start + 7 < first || start > last)
                continue;
            for (u32 megabyte = start; megabyte != start + 8; ++megabyte)
                if (l1(i)[megabyte] && megabyte >= first && megabyte <= last && !f(megabyte))
                    return;
        }
    }
}

} // namespace vambrace
