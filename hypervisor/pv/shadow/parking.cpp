// SPDX-License-Identifier: Apache-2.0
// Which address spaces have a first-level table: how one gets it, and how another gives it away.
#include <pv/shadow/tables.hpp>

namespace vambrace {

using Entry = arch::Shadow_entry;

namespace {

constexpr u32 least_first_of(u32 blocks) { return blocks < 16 ? 2 : blocks / 8; }

} // namespace

[[gnu::cold]] Error Tables::init(Shadow_pool pool, Memory const &memory, u32 const *window, u32 vectors,
                                 Arena &arena)
{
    if (pool.size < Shadow_pool::smallest)
        return Error::inval;
    guest.memory = memory;
    window_ = window;
    vectors_ = vectors;
    u32 const blocks = pool.size / Blocks::size, most = pool.asids < blocks ? pool.asids : blocks;
    ASSERT(most >= 2);
    least_first_ = least_first_of(blocks) < most ? least_first_of(blocks) : most;
    Error e = blocks_.init(pool.tables, pool.physical, blocks, arena);
    if (e == Error::none)
        e = first_.init(most, pool.asid, arena);
    if (e == Error::none)
        e = second.init(blocks_, arena);
    if (e == Error::none)
        e = spaces.init(spaces_of(blocks), arena);
    if (e != Error::none)
        return e;
    activate(mmu_off);
    return Error::none;
}

/// \pre t is not the current one
void Tables::free_first(Address_space &t) { blocks_.give_back(first_.take(t), Blocks::Content::clean); }

/// Any but the current one. With one table too few for a ring of processes, the one that was used longest ago
/// is always the next one that is needed.
Address_space &Tables::first_victim()
{
    u32 const n = random_.below(first_.count());
    Address_space &t = first_.holder(n);
    return &t != &spaces.now() ? t : first_.holder(n + 1 == first_.count() ? 0 : n + 1);
}

/// Its table, if it has one, is left as reset() would leave it, for a fraction of the price: few megabytes of
/// it are in use.
void Tables::empty(Address_space &t)
{
    t.for_links(0, First_level::words - 1, [&](u32 megabyte) {
        u32 const table = second.index_of(t.word(megabyte));
        if (table != Second_level::none)
            leave(table);
        if (!is_fixed(megabyte))
            cut(t, megabyte);
        return true;
    });
    t.clear();
    changed_words(t);
}

void Tables::release(Address_space &t)
{
    empty(t);
    if (t.has_table())
        free_first(t);
    spaces.unname(t);
}

/// A short list of links can be kept; what is beyond it will be filled again.
[[gnu::noinline]] void Tables::keep_few_links(Address_space &t)
{
    u32 words[Address_space::most_links];
    u16 megabytes[Address_space::most_links];
    u32 kept = 0;
    t.for_links(0, First_level::words - 1, [&](u32 megabyte) {
        u32 const word = t.entries[megabyte];
        if (is_fixed(megabyte) || word == empty_word(megabyte))
            return true;
        if (kept != Address_space::most_links) {
            words[kept] = word;
            megabytes[kept++] = static_cast<u16>(megabyte);
            return true;
        }
        t.entries[megabyte] = 0;
        u32 const table = second.index_of(word);
        if (table != Second_level::none)
            leave(table);
        return true;
    });
    t.links = 0;
    for (u32 n = 0; n != kept; ++n)
        t.link(megabytes[n], words[n]);
}

/// Its table becomes as clean as reset() would leave it, and keeps nothing in a TLB.
void Tables::park(Address_space &t)
{
    if (t.has_many_links())
        keep_few_links(t);
    u32 *const entries = t.entries;
    u16 const *const end = t.megabytes + t.links;
    for (u16 const *m = t.megabytes; m != end; ++m)
        entries[*m] = empty_word(*m);
    changed_words(t);
    ++first_evictions_;
}

/// \pre there is one, and an ASID
[[gnu::noinline]] void Tables::give_block(Address_space &t)
{
    Blocks::Taken const taken = blocks_.take_for_first_level();
    first_.give(t, blocks_, taken.block);
    if (taken.content != Blocks::Content::clean)
        reset(t.entries);
}

void Tables::attach(Address_space &t)
{
    if (blocks_.free_count() == 0 || first_.is_full()) {
        Address_space &victim = first_victim();
        park(victim);
        first_.hand_over(victim, t);
    } else {
        give_block(t);
    }
    for (u32 n = 0; n != t.links; ++n)
        t.entries[t.megabytes[n]] = t.words[n];
    arch::sync_tables();
}

/// The hardware may be using it: the words of the window and of megabyte 0, which the hypervisor runs by, are
/// never anything else.
void Tables::reset(u32 *entries)
{
    constexpr u32 first_words = 8, behind = window_megabyte + window_words;
    entries[0] = empty_word(0);
    for (u32 n = 0; n != window_words; ++n)
        entries[window_megabyte + n] = window_[n];
    for (u32 n = 1; n != first_words; ++n)
        entries[n] = 0;
    arch::clear_table(entries + first_words, (window_megabyte - first_words) * 4);
    arch::clear_table(entries + behind, (First_level::words - behind) * 4);
    map_linear(entries);
    arch::sync_tables();
}

void Tables::map_linear(u32 *entries) const
{
    Linear_map const &linear = guest.linear;
    if (!linear.size)
        return;
    u32 word = Entry::section(*guest.memory.frame_of(Ipa {linear.ipa}), arch::Dacr_domain::kernel,
                              arch::Access::write, Entry::cached);
    u32 *const begin = entries + (linear.va >> 20);
    for (u32 *entry = begin; entry != begin + (linear.size >> 20); ++entry, word += section_size)
        *entry = word;
}

void Tables::drop_all_for(u32 base)
{
    device.forget();
    u32 const block = first_.take_all_but(spaces.now());
    blocks_.give_back_all_but(block);
    second.free_all();
    spaces.unname_all();
    Address_space &now = *spaces.name(base);
    first_.give(now, blocks_, block);
    reset(now.entries);
    make_current(now);
    arch::tlb_invalidate_all();
}

} // namespace vambrace
