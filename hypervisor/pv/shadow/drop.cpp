// SPDX-License-Identifier: Apache-2.0
// A guest's flush of what it seldom flushes: all of it is forgotten.
#include <pv/shadow/flush.hpp>
#include <pv/shadow/span.hpp>

namespace vambrace::shadow {

namespace {

using Entry = arch::Shadow_entry;
using Entries = Second_level::Entries;

/// Above this a range is not worth walking: everything goes.
constexpr u32 drop_all_limit = 64 * mib;
/// With more second-level tables in the range than this, too: to find who links one takes a look at each
/// address space.
constexpr u32 most_tables = 16;
constexpr u32 supersection = 16; ///< in megabytes

void drop_sections(Parts &s, Address_space &t, Span range)
{
    t.for_links(range.first_megabyte(), range.last_megabyte(), [&](u32 megabyte) {
        if (Entry::is_section(t.word(megabyte)))
            s.tables.clear_word(t, megabyte);
        return true;
    });
}

void drop_in_table(Parts &s, u32 table, Span range)
{
    Second_level &second = s.tables.second;
    u32 const megabyte = second[table].megabyte();
    Entries const entries = second.whole(table, range.entries_in(megabyte));
    if (entries.is_all()) {
        s.tables.drop_second(table);
        return;
    }
    for (u32 index = entries.first; index <= entries.last; ++index)
        if (index != 0 || !Tables::has_vectors(megabyte))
            second.set(table, index, 0);
}

} // namespace

[[gnu::noinline]] void drop_supersections(Parts &s, Address_space &t, Span range)
{
    u32 const first = range.first_megabyte(), last = range.last_megabyte();
    if (last - first >= resync_limit) {
        forget(s, t.base);
        return;
    }
    t.for_links(align_down(first, supersection), last | (supersection - 1), [&](u32 megabyte) {
        s.tables.clear_word(t, megabyte);
        return true;
    });
}

void drop(Parts &s, Va va, u32 size)
{
    if (size == 0)
        return;
    if (size > drop_all_limit) {
        drop_all(s);
        return;
    }
    Tables &tables = s.tables;
    Span const range = span(va, size);
    tables.device.forget_in(range.first, range.last);
    for (Address_space &t : tables.spaces) {
        if (!t.is_used())
            continue;
        if (t.has_supersections)
            drop_supersections(s, t, range);
        else if (t.has_sections)
            drop_sections(s, t, range);
    }
    u32 found = 0;
    tables.second.for_used([&](u32 table) {
        if (range.has(tables.second[table].megabyte()) && ++found <= most_tables)
            drop_in_table(s, table, range);
    });
    if (found > most_tables) {
        drop_all(s);
        return;
    }
    arch::sync_tables();
    arch::tlb_invalidate_all();
}

void drop_all(Parts &s)
{
    s.kernel_only.forget();
    s.tables.drop_all_for(s.tables.spaces.now().base);
}

/// The current table only becomes empty: the guest may be about to leave it.
void forget(Parts &s, u32 base)
{
    s.tables.device.forget();
    Address_space *const t = s.tables.spaces.find(base);
    if (!t)
        return;
    if (t != &s.tables.spaces.now()) {
        s.tables.release(*t);
        return;
    }
    s.kernel_only.forget();
    s.tables.empty(*t);
}

} // namespace vambrace::shadow
