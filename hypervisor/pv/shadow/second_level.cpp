// SPDX-License-Identifier: Apache-2.0
// The second-level shadow tables: which are free, and which give way.
#include <pv/shadow/second_level.hpp>

namespace vambrace {

using Entry = arch::Shadow_entry;

Error Second_level::init(Blocks const &blocks, Arena &arena)
{
    block_count_ = blocks.count();
    count_ = block_count_ * per_block;
    tables_ = arena.take<Table>(count_);
    blocks_ = arena.take<Block>(block_count_);
    if (!tables_ || !blocks_)
        return Error::denied;
    entries_ = blocks.words_of(0);
    physical_ = blocks.physical(0);
    first_user_word_ = Entry::table(physical_, arch::Dacr_domain::user);
    free_all();
    return Error::none;
}

u32 Second_level::index_of(u32 l1_word) const
{
    u32 const offset = Entry::table_address(l1_word) - physical_;
    return Entry::is_table(l1_word) && offset < count_ * size ? offset / size : none;
}

void Second_level::put_in_list(u32 block)
{
    blocks_[block].previous = none;
    blocks_[block].next = list_;
    if (list_ != none)
        blocks_[list_].previous = static_cast<u16>(block);
    list_ = static_cast<u16>(block);
}

void Second_level::take_out_of_list(u32 block)
{
    Block const &b = blocks_[block];
    if (b.previous == none)
        list_ = b.next;
    else
        blocks_[b.previous].next = b.next;
    if (b.next != none)
        blocks_[b.next].previous = b.previous;
}

void Second_level::add(u32 block)
{
    for (; blocks_end_ <= block; ++blocks_end_)
        blocks_[blocks_end_].is_ours = false;
    blocks_[block].free = all_of_block;
    blocks_[block].is_ours = true;
    for (u32 n = 0; n != per_block; ++n)
        tables_[block * per_block + n].place = 0;
    put_in_list(block);
}

u32 Second_level::take()
{
    if (list_ == none)
        return none;
    Block &b = blocks_[list_];
    u32 const bit = b.free & -u32 {b.free},
              index = list_ * per_block + 31 - static_cast<u32>(__builtin_clz(bit));
    b.free = static_cast<u16>(b.free ^ bit);
    if (b.free == 0)
        take_out_of_list(list_);
    return index;
}

bool Second_level::is_young(u32 index) const
{
    for (u32 const one : young_)
        if (one == index)
            return true;
    return false;
}

u32 Second_level::victim(u32 random) const
{
    u32 block = (random & 0xffff) * blocks_end_ >> 16, n = random >> 16;
    for (;; block = block + 1 == blocks_end_ ? 0 : block + 1) {
        if (!blocks_[block].is_ours)
            continue;
        for (u32 tries = 0; tries != per_block; ++tries, ++n) {
            u32 const index = block * per_block + n % per_block;
            if (!is_young(index) && tables_[index].is_used())
                return index;
        }
    }
}

void Second_level::hand_out(u32 index, u32 megabyte, Owner owner, u32 space)
{
    bool const is_shared = owner == Owner::all;
    Table &t = tables_[index];
    arch::clear_table(entries(index), size);
    t.present = t.links = 0;
    t.place = static_cast<u16>(megabyte | Table::used | (is_shared ? Table::shared : 0));
    t.of = is_shared ? shared_ : static_cast<u16>(space);
    if (is_shared)
        shared_ = static_cast<u16>(index);
    young_[youngest_] = static_cast<u16>(index);
    youngest_ = (youngest_ + 1) % young;
}

u32 Second_level::free(u32 index)
{
    u32 const block = index / per_block;
    if (tables_[index].is_shared()) {
        u16 *link = &shared_;
        while (*link != index)
            link = &tables_[*link].of;
        *link = tables_[index].of;
    }
    tables_[index].place = 0;
    Block &b = blocks_[block];
    if (b.free == 0)
        put_in_list(block);
    b.free = static_cast<u16>(b.free | 1u << index % per_block);
    if (b.free != all_of_block)
        return Blocks::none;
    take_out_of_list(block);
    b.is_ours = false;
    return block;
}

void Second_level::free_all()
{
    list_ = shared_ = none;
    blocks_end_ = 0;
    for (u16 &one : young_)
        one = none;
}

u32 Second_level::find_shared(u32 megabyte, u32 guest_table) const
{
    u32 index = shared_;
    while (index != none &&
           (tables_[index].megabyte() != megabyte || tables_[index].guest_table != guest_table))
        index = tables_[index].of;
    return index;
}

Second_level::Entries Second_level::whole(u32 table, Entries entries) const
{
    Table const &t = tables_[table];
    if (t.guest_table == 0) // a section
        return {0, words - 1};
    if (t.wide >> entries.first / large_page & 1)
        entries.first = align_down(entries.first, large_page);
    if (t.wide >> entries.last / large_page & 1)
        entries.last |= large_page - 1;
    return entries;
}

} // namespace vambrace
