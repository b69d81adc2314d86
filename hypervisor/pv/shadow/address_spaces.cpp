// SPDX-License-Identifier: Apache-2.0
// The guest's address spaces: which there are, and how one is found.
#include <pv/shadow/address_spaces.hpp>

namespace vambrace {

Error Address_spaces::init(u32 count, Arena &arena)
{
    spaces_ = arena.take<Address_space>(count + 1);
    if (!spaces_)
        return Error::denied;
    count_ = count;
    end_ = now_ = spaces_ + count;
    end_->base = end_->live_base = Address_space::no_base;
    unname_all();
    return Error::none;
}

Address_space *Address_spaces::find(u32 base)
{
    Address_space *&first = buckets_[bucket(base)];
    for (Address_space *t = first, *before = nullptr; t != end_; before = t, t = t->next) {
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

Address_space *Address_spaces::name(u32 base)
{
    Address_space *t = free_;
    if (t)
        free_ = t->next;
    else if (fresh_ != count_)
        t = spaces_ + fresh_++;
    else
        return nullptr;
    t->index = static_cast<u16>(t - spaces_);
    t->base = base;
    t->live_base = Address_space::no_base;
    t->entries = nullptr;
    t->clear();
    Address_space *&first = buckets_[bucket(base)];
    t->next = first;
    first = t;
    return t;
}

void Address_spaces::unname(Address_space &t)
{
    ASSERT(!t.has_table());
    Address_space **link = &buckets_[bucket(t.base)];
    while (*link != &t)
        link = &(*link)->next;
    *link = t.next;
    t.base = Address_space::no_base;
    t.next = free_;
    free_ = &t;
}

void Address_spaces::unname_all()
{
    for (Address_space *&first : buckets_)
        first = end_;
    free_ = nullptr;
    fresh_ = 0;
}

Address_space &Address_spaces::next_without_table(u32 index)
{
    while (spaces_[index].has_table())
        index = index + 1 == count_ ? 0 : index + 1;
    return spaces_[index];
}

} // namespace vambrace
