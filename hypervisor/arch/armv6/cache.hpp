// SPDX-License-Identifier: Apache-2.0
// Cache maintenance of ARM1136, ARM1176 and ARM11 MPCore: virtually indexed, physically tagged caches, which
// may have aliases where they are larger than 16 KB.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv6 {

/// CP15 operations by name, DDI 0211 and DDI 0301 3.2.22. The port executes them; a test's port records them.
enum class Maintenance : u8 {
    invalidate_icache,       ///< c7, c5, 0
    invalidate_icache_line,  ///< c7, c5, 1: MVA
    invalidate_predictor,    ///< c7, c5, 6
    invalidate_dcache_line,  ///< c7, c6, 1: MVA
    clean_dcache_line,       ///< c7, c10, 1: MVA
    clean_invalidate_line,   ///< c7, c14, 1: MVA
    clean_invalidate_dcache, ///< c7, c14, 0
    dsb,                     ///< c7, c10, 4
    prefetch_flush,          ///< c7, c5, 4
};

/// The same on all lines from one address to another, with
/// MCRR: one instruction (DDI 0211K and DDI 0301H 3.2.22).
enum class Range_maintenance : u8 {
    invalidate_icache,       ///< c5
    invalidate_dcache,       ///< c6
    clean_dcache,            ///< c12
    clean_invalidate_dcache, ///< c14
};

constexpr u32 cache_line = 32;
/// Addresses that agree in these bits share the lines of the largest of these caches (64 KB, 4 ways).
constexpr u32 colour_mask = 0x3000;
/// What a guest takes for a line: CTR says 32 bytes.
constexpr u32 guest_line = cache_line;
/// Above this many bytes the whole cache is quicker than its lines: the size of the usual ARM11 data cache.
constexpr u32 whole_cache = 16 * kib;

template <typename Port>
struct Caches {
    Port port;

    void clean_invalidate_all()
    {
        port(Maintenance::clean_invalidate_dcache, 0);
        invalidate_code();
    }
    void clean_invalidate_data()
    {
        port(Maintenance::clean_invalidate_dcache, 0);
        port(Maintenance::dsb, 0);
    }

    void clean(u32 va, u32 size)
    {
        lines<Maintenance::clean_dcache_line, Range_maintenance::clean_dcache>(va, size);
    }
    void clean_invalidate(u32 va, u32 size)
    {
        lines<Maintenance::clean_invalidate_line, Range_maintenance::clean_invalidate_dcache>(va, size);
    }

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
        lines<Maintenance::invalidate_dcache_line, Range_maintenance::invalidate_dcache>(va, size);
    }

    /// Code was written: it leaves the data cache before the instruction cache forgets what it had.
    void sync_code(u32 va, u32 size)
    {
        clean(va, size);
        lines<Maintenance::invalidate_icache_line, Range_maintenance::invalidate_icache>(va, size);
        port(Maintenance::invalidate_predictor, 0);
        port(Maintenance::prefetch_flush, 0);
    }

    /// ARM1136 before r1p4 and ARM1176 may miss one that is interrupted or comes alone (erratum 411920): four
    /// in a row with interrupts masked, as the erratum's notice says.
    void invalidate_code()
    {
        for (unsigned n = 0; n != 4; ++n)
            port(Maintenance::invalidate_icache, 0);
        port(Maintenance::invalidate_predictor, 0);
        port(Maintenance::dsb, 0);
        port(Maintenance::prefetch_flush, 0);
    }

  private:
    template <Maintenance operation, Range_maintenance range>
    void lines(u32 va, u32 size)
    {
        if (size == 0)
            return;
        u32 line = align_down(va, cache_line);
        u32 const last = align_down(va + (size - 1), cache_line);
        if (port.has_ranges())
            port(range, line, last);
        else
            for (u32 n = (last - line) / cache_line + 1; n; --n, line += cache_line)
                port(operation, line);
        port(Maintenance::dsb, 0);
    }
};

} // namespace vambrace::armv6
