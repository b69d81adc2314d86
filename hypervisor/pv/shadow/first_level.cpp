// SPDX-License-Identifier: Apache-2.0
// The first-level shadow tables: found by their base, replaced by their age.
#include <pv/shadow/first_level.hpp>

namespace vambrace {

Error First_level::init(u32 *tables, u32 physical, u32 count, u32 asid, Arena &arena)
{
    tables_ = arena.take<Table>(count + 1);
    if (!tables_)
        return Error::denied;
    count_ = count;
    end_ = now_ = tables_ + count;
    for (u32 n = 0; n != count; ++n) {
        Table &t = tables_[n];
        t.entries = tables + n * words;
        t.physical = physical + n * size;
        t.asid = asid + n;
        t.index = static_cast<u16>(n);
    }
    end_->base = no_base;
    unname_all();
    return Error::none;
}

First_level::Table *First_level::find(u32 base)
{
    Table *&first = buckets_[bucket(base)];
    for (Table *t = first, *before = nullptr; t != end_; before = t, t = t->next) {
        if (t->base != base)
            continue;
        if (before) { // it comes to the front
            before->next = t->next;
            t->next = first;
            first = t;
        }
        return t;
    }
    return nullptr;
}

First_level::Table &First_level::victim()
{
    Table *oldest = nullptr;
    for (Table &t : *this) {
        if (!t.is_used())
            return t;
        if (&t != now_ && (!oldest || t.stamp - stamp_ < oldest->stamp - stamp_))
            oldest = &t;
    }
    return *oldest;
}

void First_level::name(Table &t, u32 base)
{
    Table *&first = buckets_[bucket(base)];
    t.base = base;
    t.next = first;
    first = &t;
}

void First_level::unname(Table &t)
{
    Table **link = &buckets_[bucket(t.base)];
    while (*link != &t)
        link = &(*link)->next;
    *link = t.next;
    t.base = no_base;
}

void First_level::unname_all()
{
    for (Table *&first : buckets_)
        first = end_;
    for (Table &t : *this) {
        t.base = no_base;
        t.is_clean = false;
    }
}

} // namespace vambrace
