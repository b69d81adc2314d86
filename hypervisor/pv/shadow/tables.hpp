// SPDX-License-Identifier: Apache-2.0
// The shadow tables of a domain, both levels linked, and the words that the hypervisor has in each of them.
#pragma once
#include <pv/shadow/address_spaces.hpp>
#include <pv/shadow/first_level.hpp>
#include <pv/shadow/random.hpp>
#include <pv/shadow/remembered_device.hpp>
#include <pv/shadow/second_level.hpp>
#include <pv/shadow/walker.hpp>

namespace vambrace {

/// Where the shadow tables of one domain live.
struct Shadow_pool {
    static constexpr u32 smallest = 64 * kib;

    u32 *tables;  ///< 16 KB aligned
    u32 physical; ///< of tables
    u32 size;     ///< bytes; a multiple of 16 KB, at least `smallest`
    u32 asid;     ///< of one first-level table; the others' count up from it
    u32 asids;    ///< so many there are for it, at least 2
};

class Tables {
  public:
    Address_spaces spaces;
    Second_level second;
    Walker guest;
    Remembered_device device;

    /// What init() takes of the arena at most for a pool of so many bytes.
    static constexpr u32 bookkeeping_size(u32 pool)
    {
        u32 const blocks = pool / Blocks::size;
        return Blocks::bookkeeping_size(blocks) + First_level::bookkeeping_size(blocks) +
               Second_level::bookkeeping_size(blocks) + Address_spaces::bookkeeping_size(spaces_of(blocks));
    }
    /// \param window the L1 words of the hypervisor's window \param vectors the shared table of megabyte 0
    /// Error::inval: the pool is too small; Error::denied: the arena is used up.
    Error init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena);

    /// Makes base's address space current, and gives it a first-level table if it has none.
    void activate(u32 base);
    /// Error::address: base's address space has no first-level table.
    Result<u32> table_of(u32 base)
    {
        Address_space const *const t = spaces.find(base);
        return t && t->has_table() ? Result<u32> {t->physical} : Result<u32> {Error::address};
    }
    /// The current table alone is kept, empty, for this base from now on.
    void drop_all_for(u32 base);
    /// Gives up t's second-level tables: it links nothing.
    void empty(Address_space &t);
    /// The same, and it is none any more. \pre it is not the current one
    void release(Address_space &t);
    void set_linear_map(Linear_map map);

    /// \pre t has a table
    void set_word(Address_space &t, u32 megabyte, u32 word);
    /// Takes the megabyte out of the address space; its own second-level table becomes free.
    void clear_word(Address_space &t, u32 megabyte);
    /// The second-level table behind a megabyte of the current table, in that domain; made if need be.
    u32 table_for(u32 megabyte, arch::Dacr_domain domain, u32 guest_table);
    /// No address space links it any more, and it is free.
    void drop_second(u32 table);
    /// Every flush of the current address space is one of whole supersections from now on, also where a
    /// megabyte has a table.
    void note_supersection();

    /// Megabytes that do not follow the guest's tables.
    bool is_fixed(u32 megabyte) const
    {
        return megabyte - window_megabyte < window_words || guest.linear.has_megabyte(megabyte);
    }
    /// Megabyte 0 where the exception vectors are in its first page: never empty.
    static constexpr bool has_vectors(u32 megabyte) { return arch::low_vectors && megabyte == 0; }
    static constexpr bool is_vectors_page(Va va)
    {
        return has_vectors(va.value >> 20) && (va.value >> 12) == 0;
    }

    /// An entry of a second-level table that t links has changed: no TLB may show the old one. A shared table
    /// is behind several address spaces.
    void changed_entry(Address_space const &t, u32 table, Va va) const
    {
        if (second[table].is_shared())
            arch::tlb_invalidate_everywhere(va);
        else if (may_be_cached(t))
            arch::tlb_invalidate(va, t.asid);
    }
    /// Several entries.
    void changed_entries(Address_space const &t, u32 table) const
    {
        if (second[table].is_shared())
            arch::tlb_invalidate_all();
        else if (may_be_cached(t))
            arch::tlb_invalidate_asid(t.asid);
    }
    u32 first_evictions() const { return first_evictions_; }
    u32 second_evictions() const { return second_evictions_; }

  private:
    static constexpr u32 window_megabyte = VAMBRACE_WINDOW_BASE >> 20;
    static constexpr u32 window_words = (VAMBRACE_WINDOW_END - VAMBRACE_WINDOW_BASE) >> 20;

    /// Address spaces that are remembered: more than there can be tables, and no more than have room in 48 KB
    /// of bookkeeping for each megabyte of the pool.
    static constexpr u32 spaces_of(u32 blocks) { return blocks * 15 / 4; }
    bool may_be_cached(Address_space const &t) const
    {
        return arch::has_asids ? t.has_table() : &t == &spaces.now();
    }
    void changed_words(Address_space const &t) const
    {
        if (may_be_cached(t)) {
            arch::sync_tables();
            arch::tlb_invalidate_asid(t.asid);
        }
    }
    u32 empty_word(u32 megabyte) const { return has_vectors(megabyte) ? vectors_ : 0; }
    void make_current(Address_space &t);
    Address_space &new_space(u32 base);
    /// \name Which address spaces have a first-level table
    /// \{
    void attach(Address_space &t);
    void give_block(Address_space &t);
    void park(Address_space &t);
    void keep_few_links(Address_space &t);
    Address_space &first_victim();
    void free_first(Address_space &t);
    void reset(u32 *entries);
    void map_linear(u32 *entries) const;
    /// \}
    void cut(Address_space &t, u32 megabyte);
    void unlink(u32 table);
    void leave(u32 table);
    void free_second(u32 table);
    u32 block_for_second();
    u32 take_second();
    u32 make_second(u32 megabyte, bool shared, u32 guest_table);

    Blocks blocks_;
    First_level first_;
    Random random_;
    u32 least_first_ {}; ///< so many blocks are never for second-level tables
    u32 const *window_ {};
    u32 vectors_ {};
    u32 first_evictions_ {}, second_evictions_ {};
};

} // namespace vambrace
