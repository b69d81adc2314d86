// SPDX-License-Identifier: Apache-2.0
// The pool behind the shadow tables: which first- and second-level tables exist, and who gives way.
#include <pv/shadow/entries.hpp>

namespace vambrace {

using arch::Dacr_domain;
using Entry = arch::Shadow_entry;

Error Shadow::init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena)
{
    u32 const blocks = pool.size / l1_size;
    if (pool.size < smallest_pool)
        return Error::inval;
    memory_ = memory;
    window_ = window;
    vectors_ = vectors;
    l1_count_ = blocks < 8 ? blocks / 2 : blocks * 3 / 4;
    l2_count_ = (blocks - l1_count_) * (l1_size / l2_size);
    l2_tables_ = pool.tables + l1_count_ * l1_words;
    l2_physical_ = pool.physical + l1_count_ * l1_size;
    user_l2_ = Entry::table(l2_physical_, Dacr_domain::user);
    l1_ = arena.take<L1_info>(l1_count_ + 1); // the last one has no table: it ends each bucket
    l2_ = arena.take<L2_info>(l2_count_);
    if (!l1_ || !l2_)
        return Error::denied;
    for (u32 i = 0; i != l1_count_; ++i) {
        l1_[i].base = no_base;
        l1_[i].table = pool.tables + i * l1_words;
        l1_[i].physical = pool.physical + i * l1_size;
        l1_[i].asid = pool.asid + i;
    }
    l1_[l1_count_].base = no_base;
    empty_buckets();
    for (u32 i = 0; i != l2_count_; ++i) {
        l2_[i].owner = owner_nobody;
        free_l2(i);
    }
    make_current(new_l1(mmu_off));
    return Error::none;
}

void Shadow::restart()
{
    drop_all();
    unname_l1(current_);
    name_l1(current_, mmu_off);
    make_current(current_);
}

u32 Shadow::l2_index(u32 l1_word) const
{
    u32 const offset = Entry::table_address(l1_word) - l2_physical(0);
    return Entry::is_table(l1_word) && offset < l2_count_ * l2_size ? offset / l2_size : no_table;
}

u32 Shadow::find(u32 base)
{
    u8 &first = first_[bucket(base)];
    for (u32 i = first, before = i; i != l1_count_; before = i, i = l1_[i].next) {
        if (l1_[i].base != base)
            continue;
        if (i != before) { // it comes to the front
            l1_[before].next = l1_[i].next;
            l1_[i].next = first;
            first = static_cast<u8>(i);
        }
        return i;
    }
    return no_table;
}

void Shadow::empty_buckets()
{
    for (u8 &first : first_)
        first = static_cast<u8>(l1_count_);
}

void Shadow::name_l1(u32 i, u32 base)
{
    u8 &first = first_[bucket(base)];
    l1_[i].base = base;
    l1_[i].next = first;
    first = static_cast<u8>(i);
}

/// It is no base's any more.
void Shadow::unname_l1(u32 i)
{
    u8 *link = &first_[bucket(l1_[i].base)];
    while (*link != i)
        link = &l1_[*link].next;
    *link = l1_[i].next;
    l1_[i].base = no_base;
}

void Shadow::activate(u32 base)
{
    remove_kernel_only();
    u32 const i = find(base);
    make_current(i != no_table ? i : new_l1(base));
    l1_[current_].stamp = ++stamp_;
}

void Shadow::make_current(u32 i)
{
    current_ = i;
    now_ = &l1_[i];
    now_->guest = linear_view(Ipa {now_->base}).value_or(Va {0}).value;
}

/// The least recently used table that is not current gives way.
u32 Shadow::new_l1(u32 base)
{
    u32 victim = no_table;
    for (u32 i = 0; i != l1_count_; ++i) {
        if (l1_[i].base == no_base) {
            victim = i;
            break;
        }
        if (i != current_ && (victim == no_table || l1_[i].stamp - stamp_ < l1_[victim].stamp - stamp_))
            victim = i;
    }
    if (l1_[victim].base != no_base) {
        release_l1(victim);
        ++l1_evictions_;
    }
    if (!l1_[victim].is_clean)
        reset_l1(victim);
    l1_[victim].is_clean = false;
    name_l1(victim, base);
    l1_[victim].stamp = ++stamp_;
    return victim;
}

/// The table may be in use: the words of the window and of megabyte
/// 0, which the hypervisor runs by, are never anything else.
void Shadow::reset_l1(u32 i)
{
    u32 *const table = l1(i);
    table[0] = empty_word(0);
    for (u32 n = 0; n != 8; ++n)
        table[layout_window + n] = window_[n];
    for (u32 n = 1; n != 8; ++n)
        table[n] = 0;
    arch::clear_table(table + 8, (layout_window - 8) * 4);
    arch::clear_table(table + layout_window + 8, l1_size - (layout_window + 8) * 4);
    map_linear(table);
    for (u32 &word : l1_[i].populated)
        word = 0;
    l1_[i].has_supersections = false;
    arch::sync_tables();
}

void Shadow::map_linear(u32 *table) const
{
    if (!linear_.size)
        return;
    u32 word = Entry::section(*memory_.frame_of(Ipa {linear_.ipa}), Dacr_domain::kernel, arch::Access::write,
                              Entry::cached);
    u32 *const first = table + (linear_.va >> 20);
    for (u32 *entry = first; entry != first + (linear_.size >> 20); ++entry, word += section_size)
        *entry = word;
}

/// Its second-level tables become free; shared ones stay while another table has them. It is left as
/// reset_l1() would leave it, for a fraction of the price: few megabytes of a table are in use.
void Shadow::empty_l1(u32 i)
{
    u32 *const words = l1(i);
    for_populated(i, 0, l1_words - 1, [&](u32 megabyte) {
        u32 const table = l2_index(words[megabyte]);
        if (table != no_table)
            leave_l2(table);
        if (!is_fixed(megabyte))
            words[megabyte] = empty_word(megabyte);
        return true;
    });
    for (u32 &word : l1_[i].populated)
        word = 0;
    l1_[i].has_supersections = false;
    if (may_be_cached(i)) {
        arch::sync_tables();
        arch::tlb_invalidate_asid(asid(i));
    }
}

void Shadow::release_l1(u32 i)
{
    empty_l1(i);
    unname_l1(i);
    l1_[i].is_clean = true;
}

/// A first-level table has given it up. One that nobody points at is out of the reach of a flush that names
/// its base, so it is not kept for later.
void Shadow::leave_l2(u32 table)
{
    if (--l2_[table].links == 0)
        free_l2(table);
}

void Shadow::set_l1(u32 i, u32 megabyte, u32 word)
{
    if (megabyte == device_page_ >> 20)
        forget_device();
    l1(i)[megabyte] = word;
    l1_[i].populated[megabyte >> 8] |= 1u << (megabyte >> 3 & 31);
}

/// Takes the megabyte out of the table; its own second-level table becomes free.
void Shadow::clear_l1(u32 i, u32 megabyte)
{
    u32 const word = l1(i)[megabyte];
    u32 const empty = empty_word(megabyte);
    if (word == empty || is_fixed(megabyte))
        return;
    l1(i)[megabyte] = empty;
    u32 const table = l2_index(word);
    if (table != no_table)
        leave_l2(table);
    if (may_be_cached(i)) {
        arch::sync_tables();
        arch::tlb_invalidate_asid(asid(i));
    }
}

void Shadow::free_l2(u32 i)
{
    l2_[i].owner = owner_nobody;
    l2_[i].next = free_l2_;
    free_l2_ = static_cast<u16>(i);
}

/// No first-level table points at it any more.
void Shadow::unlink_l2(u32 i)
{
    u32 const megabyte = l2_[i].megabyte;
    u32 const owner = l2_[i].owner;
    if (owner != owner_shared) {
        l1(owner)[megabyte] = empty_word(megabyte);
        arch::sync_tables();
        arch::tlb_invalidate_all();
        return;
    }
    for (u32 n = 0; n != l1_count_; ++n)
        if (l1_[n].base != no_base && l2_index(l1(n)[megabyte]) == i)
            l1(n)[megabyte] = empty_word(megabyte);
    arch::sync_tables();
    arch::tlb_invalidate_all();
}

/// A free table, or one in turn: an instruction needs fewer tables than the smallest pool has, so that it
/// meets one of its own at most once before it goes on.
u32 Shadow::take_l2()
{
    u32 i = free_l2_;
    if (i != no_table) {
        free_l2_ = l2_[i].next;
    } else {
        i = hand_;
        hand_ = hand_ + 1 == l2_count_ ? 0 : hand_ + 1;
        unlink_l2(i);
        ++l2_evictions_;
    }
    arch::clear_table(l2(i), l2_size);
    for (u32 &word : l2_[i].present)
        word = 0;
    return i;
}

u32 Shadow::shared_table(u32 megabyte, u32 guest_table) const
{
    for (u32 i = 0; i != l2_count_; ++i)
        if (l2_[i].owner == owner_shared && l2_[i].megabyte == megabyte && l2_[i].guest_table == guest_table)
            return i;
    return no_table;
}

/// The second-level table behind a megabyte of the current table, in that domain; made if need be.
u32 Shadow::table_for(u32 megabyte, Dacr_domain domain, u32 guest_table)
{
    u32 const word = l1(current_)[megabyte];
    u32 table = l2_index(word);
    if (table != no_table && l2_[table].guest_table == guest_table && Entry::domain(word) == domain)
        return table;
    clear_l1(current_, megabyte);
    bool const shared = domain == Dacr_domain::kernel && guest_table != 0 && !has_vectors(megabyte);
    table = shared ? shared_table(megabyte, guest_table) : no_table;
    if (table == no_table) {
        table = take_l2();
        l2_[table].megabyte = static_cast<u16>(megabyte);
        l2_[table].owner = shared ? owner_shared : static_cast<u16>(current_);
        l2_[table].guest_table = guest_table;
        l2_[table].wide = guest_table == 0 ? part_of_more : 0;
        l2_[table].links = 0;
        if (has_vectors(megabyte))
            l2(table)[0] = arch::vectors_page();
    }
    if (now_->has_supersections)
        l2_[table].wide |= part_of_more;
    ++l2_[table].links;
    set_l1(current_, megabyte, Entry::table(l2_physical(table), domain));
    return table;
}

} // namespace vambrace
