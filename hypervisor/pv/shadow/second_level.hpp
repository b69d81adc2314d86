// SPDX-License-Identifier: Apache-2.0
// The second-level shadow tables of a domain: one for each megabyte that has pages and not a section.
#pragma once
#include <arch.hpp>
#include <base/arena.hpp>

namespace vambrace {

class Second_level {
  public:
    static constexpr u32 size = kib, words = size / 4;
    static constexpr u32 none = 0xffff;
    /// Owners that are no first-level table's index.
    static constexpr u16 shared = 0xfffe, nobody = 0xfffd;
    /// Of Table::wide: the entries are parts of a section, or the megabyte may be one of a supersection's.
    static constexpr u32 part_of_more = 1u << 16;
    static constexpr u32 large_page = 16; ///< in pages

    struct alignas(64) Table { // found without a multiplication
        u16 megabyte;
        u16 owner;               ///< index of the first-level table, or one of the above
        u16 next;                ///< free list
        u16 links;               ///< first-level tables that point at it
        u32 guest_table;         ///< L1_entry::table_and_domain(); 0: a section
        u32 present[words / 32]; ///< bit n: entry n may be there
        /// Bit n: the n-th 16 entries hold parts of a large page; part_of_more; 0: each entry is a page's
        u32 wide;

        bool is_used() const { return owner != nobody; }
        bool is_shared() const { return owner == shared; }
    };
    /// Entries of a table, both ends included.
    struct Entries {
        u32 first, last;
        constexpr bool is_all() const { return first == 0 && last == words - 1; }
    };

    /// \param tables physical memory for count tables Error::denied: the arena is used up.
    Error init(u32 *tables, u32 physical, u32 count, Arena &arena);

    u32 count() const { return count_; }
    Table &operator[](u32 index) { return tables_[index]; }
    Table const &operator[](u32 index) const { return tables_[index]; }
    u32 *entries(u32 index) const { return entries_ + index * words; }
    u32 physical(u32 index) const { return physical_ + index * size; }

    /// The table that a first-level word names; none: it is no table of ours.
    u32 index_of(u32 l1_word) const;
    /// The same for a megabyte that guest user sees: at least count() if it is none.
    u32 user_index_of(u32 l1_word) const { return kilobytes(l1_word - first_user_word_); }
    /// The quotient, if it is a whole one; else far too much.
    static constexpr u32 kilobytes(u32 bytes) { return bytes >> 10 | bytes << 22; }

    /// A free table, or none.
    u32 take();
    /// The next one that has to give way, each in its turn.
    u32 next_victim();
    /// Takes it out of use and empties it.
    void clear(u32 index);
    void free(u32 index);
    void free_all();
    /// The one that is shared by those who see guest_table in that megabyte; none: there is none.
    u32 find_shared(u32 megabyte, u32 guest_table) const;

    /// Did the entry change?
    [[gnu::always_inline]] bool set(u32 table, u32 index, u32 word)
    {
        u32 *const entry = entries(table) + index;
        if (*entry == word)
            return false;
        *entry = word;
        u32 const mask = 1u << (index & 31);
        u32 &present = tables_[table].present[index >> 5];
        present = word ? present | mask : present & ~mask;
        return true;
    }
    /// What the guest maps by one entry a TLB holds and gives up as one: all that goes with these.
    Entries whole(u32 table, Entries entries) const;

  private:
    Table *tables_ {};
    u32 count_ {};
    u32 *entries_ {};        ///< of the first
    u32 physical_ {};        ///< of the first's
    u32 first_user_word_ {}; ///< the first-level word of the first for a megabyte that guest user sees
    u16 free_ {none};
    u32 hand_ {}; ///< the next victim
};

} // namespace vambrace
