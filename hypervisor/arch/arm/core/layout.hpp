// SPDX-License-Identifier: Apache-2.0
// Where things lie in the virtual address space that every shadow table shares.
#pragma once
#include <base/types.hpp>
#include <vambrace/abi.h>

namespace vambrace::layout {

constexpr u32 window_base = VAMBRACE_WINDOW_BASE;
constexpr u32 window_end = VAMBRACE_WINDOW_END;

constexpr u32 guest_megabyte = window_base;      ///< shared page and counter; the only part guests reach
constexpr u32 image = window_base + 1 * mib;     ///< the first megabyte of RAM: code, data, arena
constexpr u32 devices = window_base + 2 * mib;   ///< one page per entry of board::device_pages
constexpr u32 alias = window_base + 3 * mib;     ///< one page: guest tables that have no other address
constexpr u32 coloured_alias = alias + 16 * kib; ///< four pages: guest pages for cache maintenance by address
constexpr u32 more_memory = alias + 64 * kib;    ///< of the hypervisor, in pages; as much as is mapped
constexpr u32 more_memory_size = alias + mib - more_memory;
constexpr u32 pool = window_base + 4 * mib; ///< the running guest's shadow pool, in sections
constexpr u32 pool_size = window_end - pool;
constexpr u32 vectors = 0; ///< the exception vectors (SCTLR.V = 0)

/// All of RAM, in the hypervisor's own table only: while it loads a guest.
constexpr u32 ram_map = 0x80000000;
constexpr u32 ram_map_size = 0x70000000;

/// Addresses a guest may not touch, whatever its tables say. \param size at least 1
/// \param low_vectors the exception vectors are in page 0
constexpr bool is_reserved(u32 va, u32 size, bool low_vectors)
{
    u32 const last = va + (size - 1);
    return last < va || (low_vectors && va < page_size) || (va < window_end && last >= window_base);
}

} // namespace vambrace::layout
