// SPDX-License-Identifier: Apache-2.0
// The shadow tables of a domain, both levels linked, and the words that the hypervisor has in each of them.
#pragma once
#include <pv/shadow/first_level.hpp>
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
    u32 asid;     ///< of its first table; the others count up from it
};

class Tables {
  public:
    First_level first;
    Second_level second;
    Walker guest;
    Remembered_device device;

    /// \param window the L1 words of the hypervisor's window \param vectors the shared table of megabyte 0
    /// Error::inval: the pool is too small; Error::denied: the arena is used up.
    Error init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena);

    /// Makes the table for base current, from the cache or new.
    void activate(u32 base);
    /// Keeps the current table alone, empty, for this base from now on.
    void drop_all_for(u32 base);
    /// Gives up t's second-level tables, and leaves t as an empty one.
    void empty(First_level::Table &t);
    /// The same, and t is no base's any more.
    void release(First_level::Table &t);
    void set_linear_map(Linear_map map);

    void set_word(First_level::Table &t, u32 megabyte, u32 word);
    /// Takes the megabyte out of the table; its own second-level table becomes free.
    void clear_word(First_level::Table &t, u32 megabyte);
    /// The second-level table behind a megabyte of the current table, in that domain; made if need be.
    u32 table_for(u32 megabyte, arch::Dacr_domain domain, u32 guest_table);
    /// No first-level table points at it any more.
    void unlink(u32 table);
    /// Every flush of the current table is one of whole supersections from now on, also where a megabyte has
    /// a table.
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
    void changed_entry(First_level::Table const &t, u32 table, Va va) const
    {
        if (second[table].is_shared())
            arch::tlb_invalidate_everywhere(va);
        else if (may_be_cached(t))
            arch::tlb_invalidate(va, t.asid);
    }
    /// Several entries.
    void changed_entries(First_level::Table const &t, u32 table) const
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

    bool may_be_cached(First_level::Table const &t) const { return arch::has_asids || &t == &first.now(); }
    void changed_words(First_level::Table const &t) const
    {
        if (may_be_cached(t)) {
            arch::sync_tables();
            arch::tlb_invalidate_asid(t.asid);
        }
    }
    u32 empty_word(u32 megabyte) const { return has_vectors(megabyte) ? vectors_ : 0; }
    void make_current(First_level::Table &t);
    First_level::Table &new_table(u32 base);
    void reset(First_level::Table &t);
    void map_linear(u32 *entries) const;
    void leave(u32 table);
    u32 take_second();
    u32 make_second(u32 megabyte, bool shared, u32 guest_table);

    u32 const *window_ {};
    u32 vectors_ {};
    u32 first_evictions_ {}, second_evictions_ {};
};

} // namespace vambrace
