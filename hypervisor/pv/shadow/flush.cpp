// SPDX-License-Identifier: Apache-2.0
// A guest's flush: small pages that have changed are taken over, whatever else has changed is forgotten.
#include <pv/shadow/flush.hpp>
#include <pv/shadow/span.hpp>

namespace vambrace::shadow {

namespace {

using arch::Dacr_domain;
using Entry = arch::Shadow_entry;
using Entries = Second_level::Entries;

/// Entries side by side, and the guest's address of the words behind them.
struct Group {
    u32 *entries;
    u32 guest;
    u32 next, end; ///< still to be looked at
    u32 left;      ///< 0: none of those that were looked at is anything
};

/// From g.next on, until a page has other attributes than the run. Returns how many entries have changed.
/// \param to_entry from the guest's word to the entry
[[gnu::noinline]] u32 resync_run(Group &g, u32 attributes, u32 to_entry, u32 size)
{
    u32 *const entries = g.entries;
    u32 const guest = g.guest, end = g.end, base = VAMBRACE_RAM_IPA + attributes;
    u32 n = g.next, left = g.left, changed = 0;
    for (; n != end; ++n) {
        u32 const entry = entries[n];
        if (entry == 0)
            continue;
        u32 const word = arch::load_trusted(guest + n * 4);
        if ((word ^ attributes) << 20) {
            if (word)
                break;
            entries[n] = 0;
            ++changed;
        } else if (word + to_entry == entry) { // as it was when it was checked
            left |= entry;
        } else {
            u32 const fresh = word - base < size ? word + to_entry : 0;
            entries[n] = fresh;
            left |= fresh;
            ++changed;
        }
    }
    g.next = n;
    g.left = left;
    return changed;
}

/// What is not the guest's RAM is a window's, and goes: its frame may be where RAM would be at the IPA that
/// the guest has there now.
[[gnu::noinline]] void drop_windows(Parts &s, Group const &g)
{
    Memory const &memory = s.guest().memory;
    for (u32 n = g.next; n != g.end; ++n) {
        u32 &entry = g.entries[n];
        if (entry && entry - memory.first().physical() >= memory.size()) {
            entry = 0;
            ++s.resynced;
        }
    }
}

/// A run of pages that are not mapped; a word with these attributes has nothing behind it then.
constexpr u32 no_attributes = 0xfff;

/// Takes over small pages; anything else goes, to be filled when it is needed. Most pages have
/// the attributes of the one before. Returns false if nothing is there any more.
bool resync_group(Parts &s, Group g, u32 domain, Seen_by whom)
{
    Memory const &memory = s.guest().memory;
    if (s.guest().windows)
        drop_windows(s, g);
    while (g.next != g.end) {
        u32 &entry = g.entries[g.next];
        if (entry == 0) {
            ++g.next;
            continue;
        }
        u32 const word = arch::load_trusted(g.guest + g.next * 4), attributes = word & 0xfff;
        if (word == 0) { // until one is not
            s.resynced += resync_run(g, no_attributes, 0, 0);
            continue;
        }
        u32 const low = s.pages.small_page_bits(s.guest(), word, domain, whom);
        if (low) {
            u32 const to_entry = memory.first().physical() - VAMBRACE_RAM_IPA + low - attributes;
            s.resynced += resync_run(g, attributes, to_entry, memory.size());
            continue;
        }
        entry = 0;
        ++g.next;
        ++s.resynced;
    }
    return g.left != 0;
}

Seen_by seen_by(u32 l1_word)
{
    return Entry::domain(l1_word) == Dacr_domain::user ? Seen_by::everyone : Seen_by::kernel;
}

/// Does the shadow's second-level table still stand for what the guest has there, and can it be read at once?
bool follows(Parts const &s, u32 table, arch::L1_entry e)
{
    return e.is_table() && e.table_and_domain() == s.tables.second[table].guest_table &&
           s.guest().linear.covers(Ipa {e.table()});
}

/// Groups side by side that may have something are looked at in one go.
/// \param e where the guest has the words
void resync_entries(Parts &s, u32 table, Entries entries, arch::L1_entry e, Seen_by whom)
{
    constexpr u32 size = Second_level::group;
    u32 const guest = s.guest().linear.address_of(Ipa {e.table()}).value, last_group = entries.last / size;
    Second_level::Table &info = s.tables.second[table];
    for (u32 group = entries.first / size; group <= last_group; ++group) {
        if (!(info.present >> group & 1))
            continue;
        u32 const first_group = group;
        while (group != last_group && info.present >> (group + 1) & 1)
            ++group;
        u32 const first = first_group * size, end = (group + 1) * size;
        Group const g {s.tables.second.entries(table), guest, entries.first > first ? entries.first : first,
                       entries.last + 1 < end ? entries.last + 1 : end, 0};
        if (!resync_group(s, g, e.domain(), whom) && g.next == first && g.end == end)
            info.present = static_cast<u16>(info.present & ~((1u << (group + 1)) - (1u << first_group)));
    }
}

[[gnu::noinline]] void resync_megabyte(Parts &s, Address_space &t, u32 megabyte, Entries wanted)
{
    Second_level &second = s.tables.second;
    u32 const l1_word = t.word(megabyte), table = second.index_of(l1_word);
    bool const may_follow = t.base != mmu_off && table != Second_level::none;
    arch::L1_entry const e {may_follow ? s.guest().first_level(t.base, Va {megabyte << 20}).value_or(0) : 0};
    if (!may_follow || !follows(s, table, e)) {
        s.tables.clear_word(t, megabyte); // a section, or no table of this kind any more: filled when needed
        return;
    }
    u32 const before = s.resynced;
    Second_level::Table &info = second[table];
    auto const [first, last] = second.whole(table, wanted);
    info.wide &= ~(~0u << first / Second_level::large_page & ~0u >> (31 - last / Second_level::large_page));
    resync_entries(s, table, {Tables::has_vectors(megabyte) && first == 0 ? 1 : first, last}, e,
                   seen_by(l1_word));
    if (s.resynced == before)
        return;
    arch::sync_tables();
    if (first == last)
        s.tables.changed_entry(t, table, Va {megabyte << 20 | first << 12});
    else
        s.tables.changed_entries(t, table);
}

void resync_one(Parts &s, Address_space &t, Va va)
{
    Second_level &second = s.tables.second;
    u32 const megabyte = va.value >> 20, index = bits(va.value, 19, 12);
    u32 const l1_word = t.word(megabyte), table = second.index_of(l1_word);
    if (table == Second_level::none) {
        s.tables.clear_word(t, megabyte);
        return;
    }
    if (second[table].wide) {
        resync_megabyte(s, t, megabyte, {index, index});
        return;
    }
    if (second.entries(table)[index] == 0 || Tables::is_vectors_page(va))
        return;
    arch::L1_entry const e {s.guest().first_level(t.base, va).value_or(0)};
    if (!follows(s, table, e)) {
        s.tables.clear_word(t, megabyte);
        return;
    }
    u32 const word = arch::load_trusted(s.guest().linear.address_of(Ipa {e.table()}).value + index * 4);
    u32 const entry = word ? s.pages.small_page_entry(s.guest(), word, e.domain(), seen_by(l1_word)) : 0;
    if (!second.set(table, index, entry))
        return;
    ++s.resynced;
    arch::sync_tables();
    s.tables.changed_entry(t, table, va);
}

} // namespace

u32 resync(Parts &s, u32 base, Va va, u32 size)
{
    Address_space *const t = s.tables.spaces.find(base);
    if (size)
        s.tables.device.forget_in(va.value, span(va, size).last);
    if (!t || size == 0)
        return 0;
    if (size <= page_size && is_aligned(va.value, page_size) && !t->has_supersections) {
        resync_one(s, *t, va);
        return 0;
    }
    Span const range = span(va, size);
    if (t->has_supersections) {
        drop_supersections(s, *t, range);
        return 0;
    }
    u32 budget = resync_limit;
    u32 left = 0;
    t->for_links(range.first_megabyte(), range.last_megabyte(), [&](u32 megabyte) {
        if (s.tables.is_fixed(megabyte))
            return true;
        if (budget-- == 0) {
            left = range.last - (megabyte << 20) + 1;
            return false;
        }
        resync_megabyte(s, *t, megabyte, range.entries_in(megabyte));
        return true;
    });
    arch::sync_tables();
    return left;
}

} // namespace vambrace::shadow
