// SPDX-License-Identifier: Apache-2.0
// Shadow tables: what a guest's flush does to them; take over what changed, or forget it.
#include <pv/shadow/entries.hpp>

namespace vambrace {

using arch::Dacr_domain;
using arch::Mapping;
using Entry = arch::Shadow_entry;

namespace {
/// Above this a range is not worth walking: everything goes.
constexpr u32 drop_all_limit = 64 * mib;

struct Span {
    u32 first, last; ///< inclusive, so that the top of the address space can be named
};

constexpr Span span(u32 va, u32 size) { return {va, size > 0xffffffff - va ? 0xffffffff : va + (size - 1)}; }
} // namespace

u32 Shadow::resync(u32 base, u32 va, u32 size)
{
    u32 const i = find(base);
    if (size)
        forget_device_in(va, span(va, size).last);
    if (i == no_table || size == 0)
        return 0;
    if (size <= page_size && is_aligned(va, page_size) && !l1_[i].has_supersections) {
        resync_one(i, va);
        return 0;
    }
    Span const range = span(va, size);
    if (l1_[i].has_supersections) {
        drop_supersections(i, range.first >> 20, range.last >> 20);
        return 0;
    }
    u32 budget = resync_limit;
    u32 left = 0;
    for_populated(i, range.first >> 20, range.last >> 20, [&](u32 megabyte) {
        if (is_fixed(megabyte))
            return true;
        if (budget-- == 0) {
            left = range.last - (megabyte << 20) + 1;
            return false;
        }
        u32 const first = megabyte == range.first >> 20 ? bits(range.first, 19, 12) : 0;
        u32 const last = megabyte == range.last >> 20 ? bits(range.last, 19, 12) : l2_words - 1;
        resync_megabyte(i, megabyte, {first, last});
        return true;
    });
    arch::sync_tables();
    return left;
}

void Shadow::resync_one(u32 i, u32 va)
{
    u32 const megabyte = va >> 20, index = bits(va, 19, 12);
    u32 const l1_word = l1(i)[megabyte];
    u32 const table = l2_index(l1_word);
    if (table == no_table) {
        clear_l1(i, megabyte);
        return;
    }
    if (l2_[table].wide) {
        resync_megabyte(i, megabyte, {index, index});
        return;
    }
    if (l2(table)[index] == 0 || is_vectors_page(va))
        return;
    arch::L1_entry const e {first_level(l1_[i].base, va).value_or(0)};
    if (!e.is_table() || e.table_and_domain() != l2_[table].guest_table || !linear_.covers(Ipa {e.table()})) {
        clear_l1(i, megabyte);
        return;
    }
    u32 const word = arch::load_trusted(linear_.address_of(Ipa {e.table()}) + index * 4);
    bool const user = Entry::domain(l1_word) == Dacr_domain::user;
    u32 const now = word ? small_page_entry(word, e.domain(), user) : 0;
    if (!set_l2(table, index, now))
        return;
    ++resynced_;
    arch::sync_tables();
    changed_entry(i, table, Va {va});
}

/// A TLB holds as one entry what the guest maps by one, and
/// gives it up as one: all that goes with these entries.
Shadow::Entries Shadow::whole(u32 table, Entries entries) const
{
    L2_info const &info = l2_[table];
    if (info.guest_table == 0) // a section
        return {0, l2_words - 1};
    if (info.wide >> entries.first / large_page & 1)
        entries.first = align_down(entries.first, large_page);
    if (info.wide >> entries.last / large_page & 1)
        entries.last |= large_page - 1;
    return entries;
}

/// The same of first-level entries: whatever the 16 megabytes hold that a supersection could be.
void Shadow::drop_supersections(u32 i, u32 first, u32 last)
{
    if (last - first >= resync_limit) {
        forget(l1_[i].base);
        return;
    }
    for (u32 megabyte = align_down(first, supersection); megabyte <= (last | (supersection - 1)); ++megabyte)
        clear_l1(i, megabyte);
}

void Shadow::resync_megabyte(u32 i, u32 megabyte, Entries entries)
{
    u32 const l1_word = l1(i)[megabyte];
    u32 const table = l2_index(l1_word);
    bool const mmu_is_on = l1_[i].base != mmu_off;
    arch::L1_entry const e {
        mmu_is_on && table != no_table ? first_level(l1_[i].base, megabyte << 20).value_or(0) : 0};
    if (!e.is_table() || e.table_and_domain() != l2_[table].guest_table || !linear_.covers(Ipa {e.table()})) {
        clear_l1(i, megabyte); // a section, or no table of this kind any more: filled again when it is needed
        return;
    }
    u32 const guest = linear_.address_of(Ipa {e.table()});
    bool const user = Entry::domain(l1_word) == Dacr_domain::user;
    u32 const before = resynced_;
    auto const [first, last] = whole(table, entries);
    l2_[table].wide &= ~(~0u << first / large_page & ~0u >> (31 - last / large_page));
    for (u32 group = first / 32; group <= last / 32; ++group) {
        u32 present = l2_[table].present[group];
        if (group == first / 32)
            present &= ~0u << (first & 31);
        if (group == last / 32)
            present &= ~0u >> (31 - (last & 31));
        if (present)
            l2_[table].present[group] &=
                ~resync_group(l2(table) + group * 32, guest + group * 128, present, e.domain(), user);
    }
    if (resynced_ == before)
        return;
    arch::sync_tables();
    if (first == last)
        changed_entry(i, table, Va {megabyte << 20 | first << 12});
    else
        changed_entries(i, table);
}

/// From the end, until a page has other attributes than the run.
/// \param to_entry from the guest's word to the entry
[[gnu::noinline]] void Shadow::resync_run(Resync &r, u32 attributes, u32 to_entry, u32 size)
{
    u32 *const last = r.entries + 31;
    u32 const guest_last = r.guest + 31 * 4, base = VAMBRACE_RAM_IPA + attributes;
    u32 present = r.present, gone = 0, changed = 0;
    while (present) {
        u32 const n = static_cast<u32>(__builtin_clz(present)), bit = 1u << 31 >> n;
        u32 const word = arch::load_trusted(guest_last - n * 4);
        u32 *const entry = last - n;
        if ((word ^ attributes) << 20) {
            if (word)
                break;
            *entry = 0;
            gone |= bit;
            ++changed;
        } else if (word + to_entry != *entry) { // else it is as it was when it was checked
            bool const is_ram = word - base < size;
            *entry = is_ram ? word + to_entry : 0;
            gone |= is_ram ? 0 : bit;
            ++changed;
        }
        present &= ~bit;
    }
    r.present = present;
    r.gone |= gone;
    resynced_ += changed;
}

/// A run of pages that are not mapped; a word with these attributes has nothing behind it then.
constexpr u32 no_attributes = 0xfff;

/// Takes over the small pages that `present` names, of 32; anything else goes, to be filled when it is
/// needed. Returns which are gone. Most pages have the attributes of the one before.
u32 Shadow::resync_group(u32 *entries, u32 guest, u32 present, u32 domain, bool user_megabyte)
{
    Resync r {entries, guest, present, 0};
    while (r.present) {
        u32 const n = 31 - static_cast<u32>(__builtin_clz(r.present));
        u32 const word = arch::load_trusted(guest + n * 4), attributes = word & 0xfff;
        if (word == 0) { // until one is not
            resync_run(r, no_attributes, 0, 0);
            continue;
        }
        u32 const low = small_page_bits(word, domain, user_megabyte);
        if (low) {
            resync_run(r, attributes, memory_.first().physical() - VAMBRACE_RAM_IPA + low - attributes,
                       memory_.size());
            continue;
        }
        entries[n] = 0;
        r.gone |= 1u << n;
        r.present &= ~(1u << n);
        ++resynced_;
    }
    return r.gone;
}

void Shadow::drop(u32 va, u32 size)
{
    if (size == 0)
        return;
    if (size > drop_all_limit) {
        drop_all();
        return;
    }
    Span const range = span(va, size);
    forget_device_in(range.first, range.last);
    for (u32 i = 0; i != l1_count_; ++i)
        if (l1_[i].base != no_base && l1_[i].has_supersections)
            drop_supersections(i, range.first >> 20, range.last >> 20);
    for (u32 i = 0; i != l2_count_; ++i)
        if (l2_[i].owner != owner_nobody && l2_[i].megabyte >= range.first >> 20 &&
            l2_[i].megabyte <= range.last >> 20)
            drop_in_table(i, range.first, range.last);
    for (u32 megabyte = range.first >> 20; megabyte <= range.last >> 20; ++megabyte)
        for (u32 i = 0; i != l1_count_; ++i)
            if (l1_[i].base != no_base && Entry::is_section(l1(i)[megabyte]) && !is_fixed(megabyte))
                clear_l1(i, megabyte);
    arch::sync_tables();
    arch::tlb_invalidate_all();
}

/// Whether or not a first-level table points at it just now: a shared one may be linked again.
void Shadow::drop_in_table(u32 table, u32 from, u32 to)
{
    u32 const megabyte = l2_[table].megabyte;
    auto const [first, last] = whole(table, {megabyte == from >> 20 ? bits(from, 19, 12) : 0,
                                             megabyte == to >> 20 ? bits(to, 19, 12) : l2_words - 1});
    if (first == 0 && last == l2_words - 1) {
        unlink_l2(table);
        free_l2(table);
        return;
    }
    for (u32 index = first; index <= last; ++index)
        if (index != 0 || !has_vectors(megabyte))
            drop_entry(table, index);
}

/// Keeps the current table alone, empty.
void Shadow::drop_all()
{
    forget_device();
    kernel_only_count_ = 0;
    u32 const base = l1_[current_].base;
    for (u32 i = 0; i != l1_count_; ++i) {
        l1_[i].base = no_base;
        l1_[i].is_clean = false;
    }
    free_l2_ = no_table;
    for (u32 i = 0; i != l2_count_; ++i)
        free_l2(i);
    empty_buckets();
    name_l1(current_, base);
    reset_l1(current_);
    arch::tlb_invalidate_all();
}

/// The current table only becomes empty: the guest may be about to leave it.
void Shadow::forget(u32 base)
{
    forget_device();
    u32 const i = find(base);
    if (i == no_table)
        return;
    if (i != current_) {
        release_l1(i);
        return;
    }
    kernel_only_count_ = 0;
    empty_l1(i);
}

} // namespace vambrace
