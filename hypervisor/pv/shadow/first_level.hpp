// SPDX-License-Identifier: Apache-2.0
// The first-level shadow tables: which of the guest's table bases has one, and which gives way.
#pragma once
#include <arch.hpp>
#include <base/arena.hpp>

namespace vambrace {

inline u32 lowest_bit(u32 word) { return 31 - static_cast<u32>(__builtin_clz(word & -word)); }

class First_level {
  public:
    static constexpr u32 size = 16 * kib, words = size / 4;
    /// A table base that no guest can have.
    static constexpr u32 no_base = 2;

    struct Table {
        u32 base;
        u32 guest;    ///< where the guest sees its table; 0: the linear map does not show it
        u32 *entries; ///< ours
        u32 physical; ///< of entries
        u32 asid;
        Table *next;            ///< in its bucket
        u16 index;              ///< of itself
        bool is_clean;          ///< free, and holds nothing but what every table holds
        bool has_supersections; ///< some of its entries may be parts of a guest's supersection
        u32 stamp;              ///< of its last use
        u32 populated[16];      ///< bit n: megabytes 8n .. 8n + 7 may hold entries

        bool is_used() const { return base != no_base; }
        void populate(u32 megabyte) { populated[megabyte >> 8] |= 1u << (megabyte >> 3 & 31); }
        /// Nothing is in it but what every table holds.
        void depopulate()
        {
            for (u32 &word : populated)
                word = 0;
            has_supersections = false;
        }
        /// Calls f(megabyte) for those of [first, last] that have an entry; it says whether to go on.
        template <typename F>
        void for_populated(u32 first, u32 last, F f) const;
    };

    /// \param tables physical memory for count tables, at most 255
    /// Error::denied: the arena is used up.
    Error init(u32 *tables, u32 physical, u32 count, u32 asid, Arena &arena);

    u32 count() const { return count_; }
    Table &operator[](u32 index) { return tables_[index]; }
    Table *begin() { return tables_; }
    Table *end() { return end_; }
    Table &now() { return *now_; }
    Table const &now() const { return *now_; }

    /// base's table; nullptr: it has none.
    Table *find(u32 base);
    /// Makes base's table current if it is the first in its bucket; false: nothing has happened.
    [[gnu::always_inline]] bool use_recent(u32 base)
    {
        Table *const t = buckets_[bucket(base)];
        if (t->base != base)
            return false;
        use(*t);
        return true;
    }
    void use(Table &t)
    {
        t.stamp = ++stamp_;
        now_ = &t;
    }
    /// A free table, or else the least recently used one that is not current.
    Table &victim();
    void name(Table &t, u32 base);
    /// It is no base's any more.
    void unname(Table &t);
    /// None is any base's.
    void unname_all();

  private:
    static constexpr u32 bucket(u32 base) { return base >> 14 & 63; }

    Table *tables_ {}, *end_ {}; ///< *end_ has no entries: it ends each bucket
    Table *now_ {};
    u32 count_ {}, stamp_ {};
    Table *buckets_[64] {}; ///< beginning with the one that was found last
};

template <typename F>
void First_level::Table::for_populated(u32 first, u32 last, F f) const
{
    if (first == last) { // a page or a few: the usual flush
        if (entries[first])
            f(first);
        return;
    }
    for (u32 group = first >> 8; group <= last >> 8; ++group) {
        for (u32 bits = populated[group]; bits; bits &= bits - 1) {
            u32 const start = group << 8 | lowest_bit(bits) << 3;
            if (start + 7 < first || start > last)
                continue;
            for (u32 megabyte = start; megabyte != start + 8; ++megabyte)
                if (entries[megabyte] && megabyte >= first && megabyte <= last && !f(megabyte))
                    return;
        }
    }
}

} // namespace vambrace
