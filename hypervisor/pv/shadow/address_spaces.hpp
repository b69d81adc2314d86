// SPDX-License-Identifier: Apache-2.0
// The guest's address spaces: found by the base of the guest's table.
#pragma once
#include <base/arena.hpp>
#include <pv/shadow/address_space.hpp>

namespace vambrace {

class Address_spaces {
  public:
    /// Error::denied: the arena is used up.
    Error init(u32 count, Arena &arena);

    static constexpr u32 bookkeeping_size(u32 count)
    {
        return align_up((count + 1) * u32 {sizeof(Address_space)}, u32 {64});
    }
    Address_space &operator[](u32 index) { return spaces_[index]; }
    /// All that have been named since unname_all(), and some that are free by now.
    Address_space *begin() { return spaces_; }
    Address_space *end() { return spaces_ + fresh_; }
    Address_space &now() { return *now_; }
    Address_space const &now() const { return *now_; }
    void use(Address_space &t) { now_ = &t; }

    /// base's; nullptr: it has none.
    Address_space *find(u32 base);
    /// Makes base's current if it has a table and is the first in its bucket; false: nothing has happened.
    [[gnu::always_inline]] bool use_recent(u32 base)
    {
        Address_space *const t = buckets_[bucket(base)];
        if (t->live_base != base)
            return false;
        now_ = t;
        return true;
    }
    /// A new one without a table that links nothing; nullptr: all are used.
    Address_space *name(u32 base);
    /// It is none any more. \pre it has no table
    void unname(Address_space &t);
    /// All of them.
    void unname_all();
    /// One without a table, from that one on. \pre all are used, and there is one
    Address_space &next_without_table(u32 index);
    u32 count() const { return count_; }

  private:
    static constexpr u32 bucket_count = 256;
    static constexpr u32 bucket(u32 base) { return base >> 14 & (bucket_count - 1); }

    Address_space *spaces_ {}, *end_ {}; ///< *end_ is none: it ends each bucket
    Address_space *now_ {};
    Address_space *free_ {}; ///< of those below fresh_
    u32 count_ {};
    u32 fresh_ {};                            ///< none from here on has been used
    Address_space *buckets_[bucket_count] {}; ///< beginning with the one that was found last
};

} // namespace vambrace
