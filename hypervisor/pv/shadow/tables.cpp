// SPDX-License-Identifier: Apache-2.0
// The shadow tables of a domain: how the two levels are linked, and what of the second level gives way.
#include <pv/shadow/tables.hpp>

namespace vambrace {

using arch::Dacr_domain;
using Entry = arch::Shadow_entry;

void Tables::activate(u32 base)
{
    Address_space *const found = spaces.find(base);
    Address_space &t = found ? *found : new_space(base);
    if (!t.has_table())
        attach(t);
    make_current(t);
}

void Tables::make_current(Address_space &t)
{
    spaces.use(t);
    t.guest = guest.linear.view(Ipa {t.base}).value_or(Va {0}).value;
}

/// When there is no room for one more, one without a table is forgotten: there are more than tables.
[[gnu::noinline]] Address_space &Tables::new_space(u32 base)
{
    Address_space *t = spaces.name(base);
    if (!t) {
        release(spaces.next_without_table(random_.below(spaces.count())));
        t = spaces.name(base);
    }
    return *t;
}

void Tables::set_linear_map(Linear_map map)
{
    ASSERT(is_aligned(map.va | map.ipa | map.size, section_size));
    ASSERT(map.size == 0 ||
           (guest.memory.owns(Ipa {map.ipa}, map.size) && !arch::is_reserved(map.va, map.size)));
    guest.linear = map;
}

void Tables::set_word(Address_space &t, u32 megabyte, u32 word)
{
    device.forget_megabyte(megabyte);
    t.entries[megabyte] = word;
    t.link(megabyte, word);
    t.has_sections = t.has_sections || Entry::is_section(word);
}

/// The megabyte is as if nothing had been there.
void Tables::cut(Address_space &t, u32 megabyte)
{
    if (t.has_table())
        t.entries[megabyte] = empty_word(megabyte);
    t.unlink(megabyte);
}

[[gnu::noinline]] void Tables::clear_word(Address_space &t, u32 megabyte)
{
    u32 const word = t.word(megabyte);
    if (word == 0 || word == empty_word(megabyte) || is_fixed(megabyte))
        return;
    cut(t, megabyte);
    u32 const table = second.index_of(word);
    if (table != Second_level::none)
        leave(table);
    changed_words(t);
}

void Tables::free_second(u32 table)
{
    u32 const block = second.free(table);
    if (block != Blocks::none)
        blocks_.give_back(block, Blocks::Content::unknown);
}

/// An address space has given it up. One that nobody links is out of the reach of a flush that names its
/// base, so it is not kept for later.
void Tables::leave(u32 table)
{
    if (--second[table].links == 0)
        free_second(table);
}

[[gnu::noinline]] void Tables::unlink(u32 table)
{
    Second_level::Table const &s = second[table];
    u32 const megabyte = s.megabyte();
    if (!s.is_shared()) {
        cut(spaces[s.of], megabyte);
    } else {
        for (Address_space &t : spaces)
            if (t.is_used() && second.index_of(t.word(megabyte)) == table)
                cut(t, megabyte);
    }
    arch::sync_tables();
    arch::tlb_invalidate_all();
}

void Tables::drop_second(u32 table)
{
    unlink(table);
    free_second(table);
}

/// A free block, or a first-level table's, as long as enough of those are left.
[[gnu::noinline]] u32 Tables::block_for_second()
{
    if (first_.count() + blocks_.free_count() <= least_first_)
        return Blocks::none;
    if (blocks_.free_count() == 0) {
        Address_space &t = first_victim();
        park(t);
        free_first(t);
    }
    return blocks_.take_for_second_level();
}

/// An instruction needs fewer tables than are young, so that it meets one of its own that gave way at most
/// once before it goes on (decision 0009).
u32 Tables::take_second()
{
    u32 const table = second.take();
    if (table != Second_level::none)
        return table;
    u32 const block = block_for_second();
    if (block != Blocks::none) {
        second.add(block);
        return second.take();
    }
    u32 const victim = second.victim(random_.next());
    unlink(victim);
    free_second(victim);
    ++second_evictions_;
    return second.take();
}

[[gnu::noinline]] u32 Tables::make_second(u32 megabyte, bool shared, u32 guest_table)
{
    u32 const table = take_second();
    second.hand_out(table, megabyte, shared ? Second_level::Owner::all : Second_level::Owner::address_space,
                    spaces.now().index);
    Second_level::Table &s = second[table];
    s.guest_table = guest_table;
    s.wide = guest_table == 0 ? Second_level::part_of_more : 0;
    if (has_vectors(megabyte))
        second.entries(table)[0] = arch::vectors_page();
    return table;
}

u32 Tables::table_for(u32 megabyte, Dacr_domain domain, u32 guest_table)
{
    Address_space &now = spaces.now();
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

[[gnu::cold]] void Tables::note_supersection()
{
    Address_space &now = spaces.now();
    if (now.has_supersections)
        return;
    now.has_supersections = true;
    now.for_links(0, First_level::words - 1, [&](u32 megabyte) {
        u32 const table = second.index_of(now.word(megabyte));
        if (table != Second_level::none)
            second[table].wide |= Second_level::part_of_more;
        return true;
    });
    second.for_shared([&](u32 table) { second[table].wide |= Second_level::part_of_more; });
}

} // namespace vambrace
