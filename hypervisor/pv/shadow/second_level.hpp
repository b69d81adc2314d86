// SPDX-License-Identifier: Apache-2.0
// The second-level shadow tables of a domain: one for each megabyte that has pages and not a section.
#pragma once
#include <arch.hpp>
#include <base/arena.hpp>
#include <pv/shadow/blocks.hpp>

namespace vambrace {

class Second_level {
  public:
    static constexpr u32 size = kib, words = size / 4, per_block = Blocks::size / size;
    static constexpr u32 none = 0xffff;
    static constexpr u32 large_page = 16; ///< in pages
    static constexpr u32 group = 16;      ///< entries that are looked at, or not, together
    /// So many are handed out before one of them may give way: an instruction needs at most six, for itself,
    /// its operand and the frame of its trap, each of which may lie in two megabytes.
    static constexpr u32 young = 8;
    /// Of Table::wide: the entries are parts of a section, or the megabyte may be one of a supersection's.
    static constexpr u32 part_of_more = 1u << 16;
    enum class Owner : u8 { address_space, all };

    struct alignas(16) Table { // found without a multiplication
        u16 place;             ///< the megabyte, and the bits below; 0 if it is free
        u16 of;                ///< its address space's index; if it is shared: the next of those, or none
        u16 links;             ///< address spaces that link it
        u16 present;           ///< bit n: some of the n-th 16 entries may be there
        u32 guest_table;       ///< L1_entry::table_and_domain(); 0: a section
        /// Bit n: the n-th 16 entries hold parts of a large page; part_of_more; 0: each entry is a page's
        u32 wide;

        static constexpr u16 used = 1 << 15, shared = 1 << 14;
        u32 megabyte() const { return place & 0xfffu; }
        bool is_used() const { return place & used; }
        bool is_shared() const { return place & shared; }
        void note_present(u32 index) { present = static_cast<u16>(present | 1u << index / group); }
    };
    /// Sixteen tables, or none.
    struct Block {
        u16 free;           ///< bit n: the n-th table is
        u16 next, previous; ///< of those that have a free one
        bool is_ours;       ///< is for tables
    };
    /// Entries of a table, both ends included.
    struct Entries {
        u32 first, last;
        constexpr bool is_all() const { return first == 0 && last == words - 1; }
    };

    static constexpr u32 bookkeeping_size(u32 blocks)
    {
        return align_up(blocks * u32 {per_block * sizeof(Table) + sizeof(Block)}, Blocks::alignment);
    }
    /// \param blocks what they are made of Error::denied: the arena is used up.
    Error init(Blocks const &blocks, Arena &arena);

    /// Indices are below this.
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

    /// The block is for tables from now on.
    void add(u32 block);
    /// One that nobody owns, and that may hold anything; none: each block that there is is full.
    u32 take();
    /// One that has to give way, any but the last `young` that were taken. \pre more than those are used
    u32 victim(u32 random) const;
    /// It is taken, from now on that megabyte's, and empty.
    /// \param space the index of its address space, if it is one's
    void hand_out(u32 index, u32 megabyte, Owner owner, u32 space);
    /// The block that is no more for tables by that; Blocks::none: it still is.
    u32 free(u32 index);
    /// There is no block for tables any more.
    void free_all();

    /// The one that is shared by those who see guest_table in that megabyte; none: there is none.
    u32 find_shared(u32 megabyte, u32 guest_table) const;
    /// Calls f(index) for each that is shared.
    template <typename F>
    void for_shared(F f) const
    {
        for (u32 index = shared_; index != none; index = tables_[index].of)
            f(index);
    }
    /// Calls f(index) for each that is used; it may free that one.
    template <typename F>
    void for_used(F f) const
    {
        for (u32 block = 0; block != blocks_end_; ++block)
            for (u32 used = blocks_[block].is_ours ? blocks_[block].free ^ all_of_block : 0; used;
                 used &= used - 1)
                f(block * per_block + 31 - static_cast<u32>(__builtin_clz(used & -used)));
    }

    /// Did the entry change?
    [[gnu::always_inline]] bool set(u32 table, u32 index, u32 word)
    {
        u32 *const entry = entries(table) + index;
        if (*entry == word)
            return false;
        *entry = word;
        if (word)
            tables_[table].note_present(index);
        return true;
    }
    /// What the guest maps by one entry a TLB holds and gives up as one: all that goes with these.
    Entries whole(u32 table, Entries entries) const;

  private:
    static constexpr u32 all_of_block = (1u << per_block) - 1;
    void put_in_list(u32 block);
    void take_out_of_list(u32 block);
    bool is_young(u32 index) const;

    Table *tables_ {};
    Block *blocks_ {};
    u32 count_ {}, block_count_ {};
    u32 blocks_end_ {};      ///< none from here on is ours
    u32 *entries_ {};        ///< of the first
    u32 physical_ {};        ///< of the first's
    u32 first_user_word_ {}; ///< the first-level word of the first for a megabyte that guest user sees
    u16 list_ {none}, shared_ {none};
    u16 young_[young] {}; ///< the last that were handed out
    u32 youngest_ {};
};

} // namespace vambrace
