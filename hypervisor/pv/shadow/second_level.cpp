// SPDX-License-Identifier: Apache-2.0
// The second-level shadow tables: which are free, and which give way.
#include <pv/shadow/second_level.hpp>

namespace vambrace {

using Entry = arch::Shadow_entry;

Error Second_level::init(u32 *tables, u32 physical, u32 count, Arena &arena)
{
    tables_ = arena.take<Table>(count);
    if (!tables_)
        return Error::denied;
    count_ = count;
    entries_ = tables;
    physical_ = physical;
    first_user_word_ = Entry::table(physical, arch::Dacr_domain::user);
    free_all();
    return Error::none;
}

u32 Second_level::index_of(u32 l1_word) const
{
    u32 const offset = Entry::table_address(l1_word) - physical_;
    return Entry::is_table(l1_word) && offset < count_ * size ? offset / size : none;
}

u32 Second_level::take()
{
    u32 const index = free_;
    if (index != none)
        free_ = tables_[index].next;
    return index;
}

u32 Second_level::next_victim()
{
    u32 const index = hand_;
    hand_ = hand_ + 1 == count_ ? 0 : hand_ + 1;
    return index;
}

void Second_level::clear(u32 index)
{
    arch::clear_table(entries(index), size);
    for (u32 &word : tables_[index].present)
        word = 0;
}

void Second_level::free(u32 index)
{
    tables_[index].owner = nobody;
    tables_[index].next = free_;
    free_ = static_cast<u16>(index);
}

void Second_level::free_all()
{
    free_ = none;
    for (u32 index = 0; index != count_; ++index)
        free(index);
}

u32 Second_level::find_shared(u32 megabyte, u32 guest_table) const
{
    for (u32 index = 0; index != count_; ++index) {
        Table const &t = tables_[index];
        if (t.is_shared() && t.megabyte == megabyte && t.guest_table == guest_table)
            return index;
    }
    return none;
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
