// SPDX-License-Identifier: Apache-2.0
// What a guest's flush does to the shadow: take over what changed, or forget it.
#pragma once
#include <pv/shadow/parts.hpp>

namespace vambrace::shadow {

/// Takes over what has changed in [va, va + size) of base's table. Returns the bytes left to do.
u32 resync(Parts &s, u32 base, Va va, u32 size);
/// Forgets [va, va + size) in every table.
void drop(Parts &s, Va va, u32 size);
void drop_all(Parts &s);
struct Span;
/// What Second_level::whole() is for pages, for first-level entries: forgets whatever the 16 megabytes hold
/// that a supersection could be. All of t, if that is too much.
void drop_supersections(Parts &s, Address_space &t, Span range);
/// Empties the current table, or gives up another one: the guest's table at base is none any more.
void forget(Parts &s, u32 base);

/// Forgets a page of base's table: at once, if it is one that guest user sees in the current table. \pre va
/// is aligned
[[gnu::always_inline]] inline void drop_page(Parts &s, u32 base, Va va)
{
    ASSERT(is_aligned(va.value, page_size));
    Address_space const &now = s.tables.spaces.now();
    Second_level &second = s.tables.second;
    u32 const table = second.user_index_of(now.entries[va.value >> 20]);
    if (now.base != base || table >= second.count() || Tables::is_vectors_page(va) || second[table].wide) {
        resync(s, base, va, page_size);
        return;
    }
    u32 &entry = second.entries(table)[bits(va.value, 19, 12)];
    if (entry) {
        entry = 0;
        arch::tlb_invalidate(va, now.asid);
    }
}

/// resync() for one page: at once, if it is one that guest user sees in the current table. \pre va is aligned
[[gnu::always_inline]] inline void resync_page(Parts &s, u32 base, Va va)
{
    ASSERT(is_aligned(va.value, page_size));
    Address_space const &now = s.tables.spaces.now();
    Second_level &second = s.tables.second;
    u32 const table = second.user_index_of(now.entries[va.value >> 20]);
    u32 const l1_word = now.guest ? arch::load_trusted(now.guest + arch::l1_offset(va.value)) : 0;
    if (now.base != base || table >= second.count() || Tables::is_vectors_page(va) ||
        !s.learned.know(l1_word) ||
        second[table].guest_table != arch::L1_entry {l1_word}.table_and_domain() || second[table].wide) {
        resync(s, base, va, page_size);
        return;
    }
    u32 &entry = second.entries(table)[bits(va.value, 19, 12)];
    if (entry == 0)
        return;
    u32 const guest = s.learned.address_of(s.guest().linear, l1_word);
    u32 const word = arch::load_trusted(guest + arch::l2_offset(va.value));
    u32 const fresh = s.learned.entry_of(s.guest().memory, word).value_or(0);
    if (entry == fresh)
        return;
    entry = fresh;
    ++s.resynced;
    arch::tlb_invalidate(va, now.asid);
}

} // namespace vambrace::shadow
