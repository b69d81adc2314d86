// SPDX-License-Identifier: Apache-2.0
// The blocks of a shadow pool: which are free.
#include <pv/shadow/blocks.hpp>

namespace vambrace {

Error Blocks::init(u32 *memory, u32 physical, u32 count, Arena &arena)
{
    next_ = arena.take<u16>(count);
    if (!next_)
        return Error::denied;
    memory_ = memory;
    physical_ = physical;
    count_ = count;
    give_back_all_but(none);
    return Error::none;
}

u32 Blocks::take_from(u16 &list)
{
    u32 const block = list;
    if (block == none)
        return none;
    list = next_[block];
    --free_count_;
    return block;
}

u32 Blocks::take_fresh()
{
    if (fresh_ == kept_)
        ++fresh_;
    if (fresh_ >= count_)
        return none;
    --free_count_;
    return fresh_++;
}

Blocks::Taken Blocks::take_for_first_level()
{
    u32 block = take_from(lists_[0]);
    if (block != none)
        return {block, Content::clean};
    block = take_from(lists_[1]);
    return {block != none ? block : take_fresh(), Content::unknown};
}

u32 Blocks::take_for_second_level()
{
    u32 block = take_from(lists_[1]);
    if (block == none)
        block = take_fresh();
    return block != none ? block : take_from(lists_[0]);
}

void Blocks::give_back(u32 block, Content content)
{
    u16 &list = lists_[static_cast<u32>(content)];
    next_[block] = list;
    list = static_cast<u16>(block);
    ++free_count_;
}

void Blocks::give_back_all_but(u32 kept)
{
    lists_[0] = lists_[1] = none;
    kept_ = kept;
    fresh_ = 0;
    free_count_ = kept == none ? count_ : count_ - 1;
}

} // namespace vambrace
