// SPDX-License-Identifier: Apache-2.0
// One of the guest's address spaces: what its first-level shadow table links, whether it has one just now or
// not.
#pragma once
#include <arch.hpp>

namespace vambrace {

/// Few megabytes of a process are in use. Their words stand here as well as in the table, so that the table
/// can be given away, and filled again for the price of these.
struct Address_space {
    /// A table base that no guest can have.
    static constexpr u32 no_base = 2;
    /// Words that are kept while it has no table. A shell has 8, python at most 18.
    static constexpr u32 most_links = 16;

    u32 base;               ///< of the guest's table; no_base: this is no address space
    u32 live_base;          ///< the same while it has a table, else no_base
    u32 guest;              ///< where the guest sees its table; 0: the linear map does not show it
    u32 *entries;           ///< of the first-level shadow table; nullptr: it has none
    u32 physical;           ///< of entries
    Address_space *next;    ///< in its bucket, or of those that are free
    u16 index;              ///< of itself
    u8 asid;                ///< of its table
    u8 slot;                ///< of its table, in First_level
    u8 links;               ///< words and megabytes in use; has_many: there are too many, `populated` is
    bool has_supersections; ///< some of its words may be parts of a guest's supersection
    bool has_sections;      ///< some of its words may be sections
    union {
        u32 words[most_links];
        u32 populated[16]; ///< bit n: megabytes 8n .. 8n + 7 may be linked
    };
    u16 megabytes[most_links];

    bool is_used() const { return base != no_base; }
    bool has_table() const { return entries != nullptr; }
    bool has_many_links() const { return links == has_many; }
    /// Its first-level word, where it has one by itself.
    u32 word(u32 megabyte) const
    {
        if (has_table())
            return entries[megabyte];
        u32 const n = find(megabyte);
        return n == links ? 0 : words[n];
    }
    void link(u32 megabyte, u32 word);
    void unlink(u32 megabyte);
    /// Nothing is linked.
    void clear()
    {
        links = 0;
        has_supersections = has_sections = false;
    }
    /// Calls f(megabyte) for those of [first, last] that are linked; it says whether to go on, and may
    /// unlink this one. Upwards if there are many.
    template <typename F>
    void for_links(u32 first, u32 last, F f) const;

  private:
    static constexpr u8 has_many = 0xff;

    /// links: it is not there. \pre there are not many
    u32 find(u32 megabyte) const
    {
        u32 n = 0;
        while (n != links && megabytes[n] != megabyte)
            ++n;
        return n;
    }
    void populate(u32 megabyte) { populated[megabyte >> 8] |= 1u << (megabyte >> 3 & 31); }
    /// The first one from there on that is linked, or beyond `last` if there is none. \pre there are many
    u32 next_populated(u32 megabyte, u32 last) const;
};

template <typename F>
void Address_space::for_links(u32 first, u32 last, F f) const
{
    if (first == last) { // a page or a few: the usual flush
        if (word(first))
            f(first);
        return;
    }
    if (has_many_links()) {
        for (u32 m = next_populated(first, last); m <= last; m = next_populated(m + 1, last))
            if (!f(m))
                return;
        return;
    }
    for (u32 n = links; n-- != 0;)
        if (megabytes[n] >= first && megabytes[n] <= last && !f(u32 {megabytes[n]}))
            return;
}

} // namespace vambrace
