// SPDX-License-Identifier: Apache-2.0
// Pages that the guest kernel alone may see in a megabyte that guest user sees: a short list.
#include <pv/shadow/kernel_only.hpp>

namespace vambrace {

namespace {

void drop(Tables &tables, Va page)
{
    Address_space const &now = tables.spaces.now();
    u32 const table = tables.second.index_of(now.entries[page.value >> 20]);
    if (table == Second_level::none)
        return;
    tables.second.set(table, bits(page.value, 19, 12), 0);
    arch::sync_tables();
    tables.changed_entry(now, table, page);
}

} // namespace

void Kernel_only_pages::note(Tables &tables, Va va)
{
    Va const page {align_down(va.value, page_size)};
    for (u32 n = 0; n != count_; ++n)
        if (pages_[n] == page) // dropped by a flush and filled again: it must not make room for itself
            return;
    if (count_ == most) {
        drop(tables, pages_[0]);
        for (u32 n = 1; n != most; ++n)
            pages_[n - 1] = pages_[n];
        --count_;
    }
    pages_[count_++] = page;
}

void Kernel_only_pages::remove(Tables &tables)
{
    for (; count_; --count_)
        drop(tables, pages_[count_ - 1]);
}

} // namespace vambrace
