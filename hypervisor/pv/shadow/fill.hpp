// SPDX-License-Identifier: Apache-2.0
// Filling the shadow from the guest's tables: after a fault, and after the guest has handled one.
#pragma once
#include <pv/shadow/parts.hpp>

namespace vambrace {

/// What became of a fault.
struct Fill {
    enum class Kind : u8 {
        filled,    ///< the shadow has changed: try again
        unchanged, ///< the shadow has said so already; status: what a store to a read-only page is told
        fault,     ///< the guest's tables forbid it: status
        no_memory, ///< the guest's tables permit it, but there is no RAM: ipa; status: not 0 if only to read
    };
    Kind kind;
    bool section; ///< no_memory: the level, for the external abort's status
    u32 status;
    Ipa ipa;
};

namespace shadow {

Fill fill(Parts &s, Va va, Guest_mode mode);
bool refill(Parts &s, Va va, Guest_mode mode);
/// Fills what is empty around va with pages that guest user sees, of the guest's second-level table e.
void fill_neighbours(Parts &s, Va va, u32 table, arch::L1_entry e);

/// May the guest's page be a window's, which forbids what its tables allow? \pre know(l1_word)
[[gnu::always_inline]] inline bool shows_window(Parts const &s, u32 l1_word, Va va)
{
    constexpr u32 all = VAMBRACE_REGIONS * VAMBRACE_REGION_SPACING;
    u32 const table = s.learned.address_of(s.guest().linear, l1_word);
    return arch::load_trusted(table + arch::l2_offset(va.value)) - VAMBRACE_REGION_IPA < all;
}

/// The guest has mapped nothing there; or its page is in the shadow and forbids the access: as in a TLB, that
/// holds until the guest flushes it.
[[gnu::always_inline]] inline Result<u32> certain_fault(Parts const &s, Va va, u32 status)
{
    Address_space const &now = s.tables.spaces.now();
    if (!now.guest)
        return Error::again;
    u32 const l1_word = arch::load_trusted(now.guest + arch::l1_offset(va.value));
    bool const translation = arch::fsr::is_translation(status);
    if (!s.learned.know(l1_word)) { // no table at all: as Walker::walk() says it
        if (l1_word == 0 && translation)
            return arch::fsr::translation;
    } else if (translation) {
        u32 const table = s.learned.address_of(s.guest().linear, l1_word);
        if (arch::load_trusted(table + arch::l2_offset(va.value)) == 0)
            return s.learned.translation_fault();
    } else if (arch::fsr::is_permission(status) && !(s.guest().windows && shows_window(s, l1_word, va))) {
        return s.learned.translation_fault() | arch::fsr::permission;
    }
    return Error::again;
}

/// A small page that guest user sees, in a megabyte that has such pages.
[[gnu::always_inline]] inline bool refill_quickly(Parts &s, Va va)
{
    Address_space const &now = s.tables.spaces.now();
    if (!now.guest)
        return false;
    u32 const l1_word = arch::load_trusted(now.guest + arch::l1_offset(va.value));
    if (!s.learned.know(l1_word))
        return false;
    u32 const guest = s.learned.address_of(s.guest().linear, l1_word);
    u32 const index = bits(va.value, 19, 12), next = index ^ 1;
    Result<u32> const word = s.learned.entry_of(s.guest().memory, arch::load_trusted(guest + index * 4));
    Second_level &second = s.tables.second;
    u32 const table = second.user_index_of(now.entries[va.value >> 20]);
    if (!word || table >= second.count() || Tables::is_vectors_page(va))
        return false;
    Second_level::Table &info = second[table];
    u32 *const entries = second.entries(table);
    if (info.guest_table != arch::L1_entry {l1_word}.table_and_domain() || entries[index])
        return false;
    entries[index] = *word;
    info.note_present(index);
    if (!entries[next] && arch::load_trusted(guest + next * 4)) // it has mapped several at once
        fill_neighbours(s, va, table, arch::L1_entry {l1_word});
    arch::sync_tables();
    return true;
}

} // namespace shadow

} // namespace vambrace
