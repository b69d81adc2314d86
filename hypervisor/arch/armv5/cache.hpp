// SPDX-License-Identifier: Apache-2.0
// Cache and TLB maintenance of the ARM926EJ-S: virtually
// indexed, virtually tagged caches, a TLB without ASIDs.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv5 {

/// CP15 operations by name, DDI 0198 2.3.7 and 2.3.8. The port executes them; a test's port records them.
enum class Maintenance : u8 {
    invalidate_icache,      ///< c7, c5, 0
    invalidate_icache_line, ///< c7, c5, 1: MVA
    invalidate_dcache_line, ///< c7, c6, 1: MVA
    clean_dcache_line,      ///< c7, c10, 1: MVA
    clean_invalidate_line,  ///< c7, c14, 1: MVA
    test_clean_invalidate,  ///< c7, c14, 3 until nothing is dirty
    drain_write_buffer,     ///< c7, c10, 4
    invalidate_tlb,         ///< c8, c7, 0
    invalidate_tlb_entry,   ///< c8, c7, 1: MVA
};

constexpr u32 cache_line = 32;
/// What a guest takes for a line: CTR says 32 bytes.
constexpr u32 guest_line = cache_line;
/// Above this many bytes the whole cache is quicker than its
/// lines: the size of the largest ARM926 data cache usual.
constexpr u32 whole_cache = 32 * kib;

template <typename Port>
struct Caches {
    Port port;

    /// Another address space begins: nothing that is tagged with the old addresses may stay (DDI 0198 4.1).
    void leave_address_space()
    {
        port(Maintenance::test_clean_invalidate, 0);
        port(Maintenance::invalidate_icache, 0);
        port(Maintenance::drain_write_buffer, 0);
    }

    void clean_invalidate_all() { leave_address_space(); }
    void clean_invalidate_data()
    {
        port(Maintenance::test_clean_invalidate, 0);
        port(Maintenance::drain_write_buffer, 0);
    }

    void clean(u32 va, u32 size) { lines<Maintenance::clean_dcache_line>(va, size); }
    void clean_invalidate(u32 va, u32 size) { lines<Maintenance::clean_invalidate_line>(va, size); }

    /// A line that the ends cut holds somebody else's bytes: it is cleaned as well.
    void invalidate(u32 va, u32 size)
    {
        if (size == 0)
            return;
        u32 const first = align_down(va, cache_line), last = align_down(va + (size - 1), cache_line);
        if (first != va)
            port(Maintenance::clean_invalidate_line, first);
        if (!is_aligned(va + size, cache_line))
            port(Maintenance::clean_invalidate_line, last);
        lines<Maintenance::invalidate_dcache_line>(va, size);
    }

    /// Code was written: it leaves the data cache before the instruction cache forgets what it had.
    void sync_code(u32 va, u32 size)
    {
        for_lines(va, size, [&](u32 line) {
            port(Maintenance::clean_dcache_line, line);
            port(Maintenance::invalidate_icache_line, line);
        });
        port(Maintenance::drain_write_buffer, 0);
    }

    void invalidate_code()
    {
        port(Maintenance::invalidate_icache, 0);
        port(Maintenance::drain_write_buffer, 0);
    }

  private:
    template <typename F>
    void for_lines(u32 va, u32 size, F f)
    {
        if (size == 0)
            return;
        u32 const first = align_down(va, cache_line);
        u32 const count = (align_down(va + (size - 1), cache_line) - first) / cache_line + 1;
        u32 line = first;
        for (u32 n = count / 8; n; --n) { // a page is 128 lines: the loop would cost as much as the operation
#pragma GCC unroll 8
            for (u32 k = 0; k != 8; ++k)
                f(line + k * cache_line);
            line += 8 * cache_line;
        }
        for (u32 n = count % 8; n; --n, line += cache_line)
            f(line);
    }
    template <Maintenance operation>
    void lines(u32 va, u32 size)
    {
        for_lines(va, size, [&](u32 line) { port(operation, line); });
        port(Maintenance::drain_write_buffer, 0);
    }
};

} // namespace vambrace::armv5
