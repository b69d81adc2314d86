// SPDX-License-Identifier: Apache-2.0
// CACHE_OP: maintenance of a guest's lines, on caches that other guests share.
#include <pv/calls.hpp>
#include <pv/trap/trap.hpp>

namespace vambrace::call {

namespace {

/// One page, through the kernel's address and through one with the same cache lines as va.
Error cache_page(Running g, Ipa page, u32 va)
{
    Result<Frame> const frame = g->memory.frame_of(page);
    if (!frame || !is_aligned(page.value, page_size) ||
        arch::is_reserved(align_down(va, page_size), page_size))
        return Error::inval;
    if (Result<Va> const linear = g->shadow.linear_view(page))
        arch::clean_invalidate_page(*frame, linear->value, va);
    else // nobody knows where the guest has written it
        arch::caches().clean_invalidate_data();
    return Error::none;
}

Error cache_range(Running g, u32 op, u32 va, u32 size)
{
    auto caches = arch::caches();
    if (size > arch::whole_cache) {
        caches.clean_invalidate_all();
        return Error::none;
    }
    if (size == 0)
        return Error::none;
    if (arch::is_reserved(va, size))
        return Error::inval;
    for_maintenance(g, va, size, [&](u32 at, u32 bytes) {
        switch (op) {
        case VAMBRACE_CACHE_CLEAN: return caches.clean(at, bytes);
        case VAMBRACE_CACHE_INVALIDATE: return caches.invalidate(at, bytes);
        case VAMBRACE_CACHE_CLEAN_INVALIDATE: return caches.clean_invalidate(at, bytes);
        default: return caches.sync_code(at, bytes);
        }
    });
    return Error::none;
}

} // namespace

Error cache_op(Running g, u32 op, u32 va, u32 size)
{
    switch (op) {
    case VAMBRACE_CACHE_CLEAN:
    case VAMBRACE_CACHE_INVALIDATE:
    case VAMBRACE_CACHE_CLEAN_INVALIDATE:
    case VAMBRACE_CACHE_SYNC_CODE: return cache_range(g, op, va, size);
    case VAMBRACE_CACHE_ALL: arch::caches().clean_invalidate_all(); return Error::none;
    case VAMBRACE_CACHE_CODE_ALL: arch::caches().invalidate_code(); return Error::none;
    case VAMBRACE_CACHE_DATA_ALL: arch::caches().clean_invalidate_data(); return Error::none;
    case VAMBRACE_CACHE_PAGE: return cache_page(g, Ipa {va}, size);
    default: return Error::inval;
    }
}

} // namespace vambrace::call
