// SPDX-License-Identifier: Apache-2.0
// Pages that the guest kernel alone may see in a megabyte
// that guest user sees: they go before guest user runs.
#include <pv/shadow/entries.hpp>

namespace vambrace {

void Shadow::note_kernel_only(u32 va)
{
    constexpr u32 most = sizeof kernel_only_ / sizeof kernel_only_[0];
    va = align_down(va, page_size);
    for (u32 n = 0; n != kernel_only_count_; ++n)
        if (kernel_only_[n] == va) // dropped by a flush and filled again: it must not make room for itself
            return;
    if (kernel_only_count_ == most) {
        u32 const table = l2_index(l1(current_)[kernel_only_[0] >> 20]);
        if (table != no_table) {
            drop_entry(table, bits(kernel_only_[0], 19, 12));
            changed_entry(current_, table, Va {kernel_only_[0]});
        }
        for (u32 n = 1; n != most; ++n)
            kernel_only_[n - 1] = kernel_only_[n];
        --kernel_only_count_;
    }
    kernel_only_[kernel_only_count_++] = va;
}

void Shadow::remove_kernel_only()
{
    for (; kernel_only_count_; --kernel_only_count_) {
        u32 const va = kernel_only_[kernel_only_count_ - 1];
        u32 const table = l2_index(l1(current_)[va >> 20]);
        if (table == no_table)
            continue;
        drop_entry(table, bits(va, 19, 12));
        arch::sync_tables();
        changed_entry(current_, table, Va {va});
    }
}

} // namespace vambrace
