// SPDX-License-Identifier: Apache-2.0
// The first-level shadow tables: which address spaces have one.
#pragma once
#include <pv/shadow/address_space.hpp>
#include <pv/shadow/blocks.hpp>

namespace vambrace {

class First_level {
    struct Slot {
        Address_space *holder;
        u16 block;
        u8 asid;
    };

  public:
    static constexpr u32 size = Blocks::size, words = Blocks::words;

    /// \param most tables at the same time, at most 256
    /// \param asid of one of them; the others count up from it. At most 255
    /// Error::denied: the arena is used up.
    Error init(u32 most, u32 asid, Arena &arena);

    static constexpr u32 bookkeeping_size(u32 most)
    {
        return align_up(most * u32 {sizeof(Slot)}, Blocks::alignment);
    }

    u32 count() const { return count_; }
    bool is_full() const { return count_ == most_; }
    /// The one that has the n-th table.
    Address_space &holder(u32 n) const { return *slots_[n].holder; }
    u32 block_of(Address_space const &t) const { return slots_[t.slot].block; }

    /// The block becomes t's table. \pre not is_full()
    void give(Address_space &t, Blocks const &blocks, u32 block);
    /// t has no table any more; returns its block.
    u32 take(Address_space &t);
    /// `from`'s table becomes t's.
    void hand_over(Address_space &from, Address_space &t);
    /// None has one any more; returns t's block, which is given next and keeps its ASID.
    u32 take_all_but(Address_space const &t);

  private:
    void move(u32 to, u32 from);

    Slot *slots_ {}; ///< the ASIDs of those that are not used are free
    u32 count_ {}, most_ {};
};

} // namespace vambrace
