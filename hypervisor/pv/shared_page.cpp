// SPDX-License-Identifier: Apache-2.0
// The shared page's contents at a start, and who may store to it.
#include <board.hpp>
#include <pv/shared_page.hpp>

namespace vambrace {

void Shared_page::init(u32 *table, u32 *page, Frame frame)
{
    table_ = table;
    page_ = page;
    frame_ = frame;
}

void Shared_page::clear()
{
    __builtin_memset(page_, 0, page_size);
    vambrace_shared &shared = *reinterpret_cast<vambrace_shared *>(page_);
    shared.irq_mask = VAMBRACE_IRQS_MASKED;
    shared.abi_version = VAMBRACE_ABI_VERSION;
    shared.clock_flags = board::counter_mapped ? VAMBRACE_CLOCK_MAPPED : 0;
    shared.clock_hz = board::counter_hz;
    shared.clock_offset = board::counter_offset;
    store_passes_ = false;
    map(arch::Access::write);
}

void Shared_page::let_one_store_pass()
{
    (void)to_write();
    store_passes_ = true;
}

void Shared_page::map(arch::Access access)
{
    using Entry = arch::Shadow_entry;
    table_[0] = Entry::window_page(frame_, access, Entry::cached);
    guarded_ = access != arch::Access::write;
    arch::publish_entry(&table_[0], Va {VAMBRACE_SHARED_VA});
}

} // namespace vambrace
