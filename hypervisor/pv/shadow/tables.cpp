// SPDX-License-Identifier: Apache-2.0
// The shadow tables of a domain: how the two levels are linked, and what gives way.
#include <pv/shadow/tables.hpp>

namespace vambrace {

using arch::Dacr_domain;
using Entry = arch::Shadow_entry;

Error Tables::init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors, Arena &arena)
{
    if (pool.size < Shadow_pool::smallest)
        return Error::inval;
    guest.memory = memory;
    window_ = window;
    vectors_ = vectors;
    u32 const blocks = pool.size / First_level::size;
    u32 const firsts = blocks < 8 ? blocks / 2 : blocks * 3 / 4;
    u32 const seconds = (blocks - firsts) * (First_level::size / Second_level::size);
    if (Error const e = first.init(pool.tables, pool.physical, firsts, pool.asid, arena); e != Error::none)
        return e;
    if (Error const e = second.init(pool.tables + firsts * First_level::words,
                                    pool.physical + firsts * First_level::size, seconds, arena);
        e != Error::none)
        return e;
    make_current(new_table(mmu_off));
    return Error::none;
}

void Tables::activate(u32 base)
{
    First_level::Table *const t = first.find(base);
    make_current(t ? *t : new_table(base));
}

void Tables::make_current(First_level::Table &t)
{
    first.use(t);
    t.guest = guest.linear.view(Ipa {t.base}).value_or(Va {0}).value;
}

void Tables::drop_all_for(u32 base)
{
    device.forget();
    first.unname_all();
    second.free_all();
    first.name(first.now(), base);
    reset(first.now());
    make_current(first.now());
    arch::tlb_invalidate_all();
}

First_level::Table &Tables::new_table(u32 base)
{
    First_level::Table &t = first.victim();
    if (t.is_used()) {
        release(t);
        ++first_evictions_;
    }
    if (!t.is_clean)
        reset(t);
    t.is_clean = false;
    first.name(t, base);
    return t;
}

/// The table may be in use: the words of the window and of megabyte 0, which the hypervisor runs by, are
/// never anything else.
void Tables::reset(First_level::Table &t)
{
    constexpr u32 first_words = 8, behind = window_megabyte + window_words;
    t.entries[0] = empty_word(0);
    for (u32 n = 0; n != window_words; ++n)
        t.entries[window_megabyte + n] = window_[n];
    for (u32 n = 1; n != first_words; ++n)
        t.entries[n] = 0;
    arch::clear_table(t.entries + first_words, (window_megabyte - first_words) * 4);
    arch::clear_table(t.entries + behind, (First_level::words - behind) * 4);
    map_linear(t.entries);
    t.depopulate();
    arch::sync_tables();
}

void Tables::map_linear(u32 *entries) const
{
    Linear_map const &linear = guest.linear;
    if (!linear.size)
        return;
    u32 word = Entry::section(*guest.memory.frame_of(Ipa {linear.ipa}), Dacr_domain::kernel,
                              arch::Access::write, Entry::cached);
    u32 *const begin = entries + (linear.va >> 20);
    for (u32 *entry = begin; entry != begin + (linear.size >> 20); ++entry, word += section_size)
        *entry = word;
}

void Tables::set_linear_map(Linear_map map)
{
    ASSERT(is_aligned(map.va | map.ipa | map.size, section_size));
    ASSERT(map.size == 0 ||
           (guest.memory.owns(Ipa {map.ipa}, map.size) && !arch::is_reserved(map.va, map.size)));
    guest.linear = map;
}

/// It is left as reset() would leave it, for a fraction of the price: few megabytes of a table are in use.
void Tables::empty(First_level::Table &t)
{
    t.for_populated(0, First_level::words - 1, [&](u32 megabyte) {
        u32 const table = second.index_of(t.entries[megabyte]);
        if (table != Second_level::none)
            leave(table);
        if (!is_fixed(megabyte))
            t.entries[megabyte] = empty_word(megabyte);
        return true;
    });
    t.depopulate();
    changed_words(t);
}

void Tables::release(First_level::Table &t)
{
    empty(t);
    first.unname(t);
    t.is_clean = true;
}

void Tables::set_word(First_level::Table &t, u32 megabyte, u32 word)
{
    device.forget_megabyte(megabyte);
    t.entries[megabyte] = word;
    t.populate(megabyte);
}

void Tables::clear_word(First_level::Table &t, u32 megabyte)
{
    u32 const word = t.entries[megabyte], empty = empty_word(megabyte);
    if (word == empty || is_fixed(megabyte))
        return;
    t.entries[megabyte] = empty;
    u32 const table = second.index_of(word);
    if (table != Second_level::none)
        leave(table);
    changed_words(t);
}

/// A first-level table has given it up. One that nobody points at is out of the reach of a flush that names
/// its base, so it is not kept for later.
void Tables::leave(u32 table)
{
    if (--second[table].links == 0)
        second.free(table);
}

void Tables::unlink(u32 table)
{
    Second_level::Table const &s = second[table];
    if (!s.is_shared()) {
        first[s.owner].entries[s.megabyte] = empty_word(s.megabyte);
    } else {
        for (First_level::Table &t : first)
            if (t.is_used() && second.index_of(t.entries[s.megabyte]) == table)
                t.entries[s.megabyte] = empty_word(s.megabyte);
    }
    arch::sync_tables();
    arch::tlb_invalidate_all();
}

/// An instruction needs fewer tables than the smallest pool has, so that it meets one of its own that gave
/// way at most once before it goes on (decision 0009).
u32 Tables::take_second()
{
    u32 table = second.take();
    if (table == Second_level::none) {
        table = second.next_victim();
        unlink(table);
        ++second_evictions_;
    }
    second.clear(table);
    return table;
}

u32 Tables::make_second(u32 megabyte, bool shared, u32 guest_table)
{
    u32 const table = take_second();
    Second_level::Table &s = second[table];
    s.megabyte = static_cast<u16>(megabyte);
    s.owner = shared ? Second_level::shared : first.now().index;
    s.guest_table = guest_table;
    s.wide = guest_table == 0 ? Second_level::part_of_more : 0;
    s.links = 0;
    if (has_vectors(megabyte))
        second.entries(table)[0] = arch::vectors_page();
    return table;
}

u32 Tables::table_for(u32 megabyte, Dacr_domain domain, u32 guest_table)
{
    First_level::Table &now = first.now();
    u32 const word = now.entries[megabyte];
    u32 table = second.index_of(word);
    if (table != Second_level::none && second[table].guest_table == guest_table &&
        Entry::domain(word) == domain)
        return table;
    clear_word(now, megabyte);
    bool const shared = domain == Dacr_domain::kernel && guest_table != 0 && !has_vectors(megabyte);
    table = shared ? second.find_shared(megabyte, guest_table) : Second_level::none;
    if (table == Second_level::none)
        table = make_second(megabyte, shared, guest_table);
    if (now.has_supersections)
        second[table].wide |= Second_level::part_of_more;
    ++second[table].links;
    set_word(now, megabyte, Entry::table(second.physical(table), domain));
    return table;
}

void Tables::note_supersection()
{
    First_level::Table &now = first.now();
    if (now.has_supersections)
        return;
    now.has_supersections = true;
    for (u32 table = 0; table != second.count(); ++table)
        if (second[table].is_shared() || second[table].owner == now.index)
            second[table].wide |= Second_level::part_of_more;
}

} // namespace vambrace
