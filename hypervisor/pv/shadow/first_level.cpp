// SPDX-License-Identifier: Apache-2.0
// The first-level shadow tables: who has them, and their ASIDs.
#include <pv/shadow/first_level.hpp>

namespace vambrace {

Error First_level::init(u32 most, u32 asid, Arena &arena)
{
    slots_ = arena.take<Slot>(most);
    if (!slots_)
        return Error::denied;
    most_ = most;
    for (u32 n = 0; n != most; ++n)
        slots_[n].asid = static_cast<u8>(asid + n);
    return Error::none;
}

void First_level::give(Address_space &t, Blocks const &blocks, u32 block)
{
    ASSERT(!is_full());
    Slot &s = slots_[count_];
    s.holder = &t;
    s.block = static_cast<u16>(block);
    t.slot = static_cast<u8>(count_++);
    t.asid = s.asid;
    t.entries = blocks.words_of(block);
    t.physical = blocks.physical(block);
    t.live_base = t.base;
}

/// They change places.
void First_level::move(u32 to, u32 from)
{
    Slot const moved = slots_[from];
    slots_[from] = slots_[to];
    slots_[to] = moved;
    moved.holder->slot = static_cast<u8>(to);
}

u32 First_level::take(Address_space &t)
{
    u32 const block = block_of(t);
    move(t.slot, --count_);
    t.entries = nullptr;
    t.live_base = Address_space::no_base;
    return block;
}

void First_level::hand_over(Address_space &from, Address_space &t)
{
    slots_[from.slot].holder = &t;
    t.slot = from.slot;
    t.asid = from.asid;
    t.entries = from.entries;
    t.physical = from.physical;
    t.live_base = t.base;
    from.entries = nullptr;
    from.live_base = Address_space::no_base;
}

u32 First_level::take_all_but(Address_space const &t)
{
    u32 const block = block_of(t);
    move(0, t.slot);
    count_ = 0;
    return block;
}

} // namespace vambrace
