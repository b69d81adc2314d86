// SPDX-License-Identifier: Apache-2.0
// Cache maintenance of the Cortex-A cores (DDI 0406C B2.2): data caches that
// behave as physically tagged, operations by address to the point of coherency,
// instruction caches that see memory from the point of unification on.
#pragma once
#include <base/types.hpp>

namespace vambrace::armv7 {

/// CP15 operations by name, DDI 0406C table B3-49. The port executes them; a test's port records them.
enum class Maintenance : u8 {
    iciallu,  ///< all instruction caches, and branch predictors
    icimvau,  ///< instruction line
    bpiall,   ///< branch predictors
    dcimvac,  ///< data line: invalidate
    dccmvac,  ///< data line: clean
    dccmvau,  ///< data line: clean to the point of unification
    dccimvac, ///< data line: clean and invalidate
    dccisw,   ///< data line by set and way: clean and invalidate
    dsb,
    isb,
};

/// The shortest line of a core that this runs on (A5, A9: 32 bytes; A7, A8, A15: 64): no line is left out.
constexpr u32 cache_line = 32;
/// Above this many bytes the whole data cache is quicker than its lines.
constexpr u32 whole_cache = 64 * kib;

/// One level of data cache.
struct Cache_level {
    u32 level; ///< 0: L1
    u32 sets, ways, line_shift, way_shift;
};

/// From CCSIDR (DDI 0406C B4.1.19; ways stand at the top of the operand, B4.2.1).
constexpr Cache_level cache_level(u32 level, u32 ccsidr)
{
    u32 const ways = bits(ccsidr, 12, 3) + 1;
    u32 const way_shift = ways == 1 ? 0 : static_cast<u32>(__builtin_clz(ways - 1));
    return {level, bits(ccsidr, 27, 13) + 1, ways, bits(ccsidr, 2, 0) + 4, way_shift};
}

template <typename Port>
struct Caches {
    Port port;

    void clean_invalidate_all()
    {
        clean_invalidate_data();
        invalidate_code();
    }

    /// On a Cortex-A7 (r0p2 to r0p5) the second level's operations overtake the first's, unless a DSB is
    /// between (erratum 814220).
    void clean_invalidate_data()
    {
        for (u32 level = 0; level != 7; ++level)
            if (Cache_level const c = port.data_cache(level); c.sets) {
                if (level != 0)
                    port(Maintenance::dsb, 0);
                by_set_and_way(c);
            }
        port(Maintenance::dsb, 0);
    }
    void clean(u32 va, u32 size) { lines<Maintenance::dccmvac>(va, size); }
    void clean_invalidate(u32 va, u32 size) { lines<Maintenance::dccimvac>(va, size); }

    /// A line that the ends cut holds somebody else's bytes: it is cleaned as well. Lines may be longer than
    /// cache_line, so ends within 64 bytes count as cut; what is named is the line that the range is in.
    void invalidate(u32 va, u32 size)
    {
        constexpr u32 widest = 64;
        if (size == 0)
            return;
        if (!is_aligned(va, widest))
            port(Maintenance::dccimvac, align_down(va, cache_line));
        if (!is_aligned(va + size, widest))
            port(Maintenance::dccimvac, align_down(va + (size - 1), cache_line));
        lines<Maintenance::dcimvac>(va, size);
    }

    /// Code was written (DDI 0406C B2.2.9: the sequence for self-modifying code).
    void sync_code(u32 va, u32 size)
    {
        for_lines(va, size, [&](u32 line) { port(Maintenance::dccmvau, line); });
        port(Maintenance::dsb, 0);
        for_lines(va, size, [&](u32 line) { port(Maintenance::icimvau, line); });
        port(Maintenance::bpiall, 0);
        port(Maintenance::dsb, 0);
        port(Maintenance::isb, 0);
    }

    void invalidate_code()
    {
        port(Maintenance::iciallu, 0);
        port(Maintenance::bpiall, 0);
        port(Maintenance::dsb, 0);
        port(Maintenance::isb, 0);
    }

  private:
    void by_set_and_way(Cache_level const &c)
    {
        // A second level may have 60,000 lines: as few instructions for each as there can be.
        u32 const next_set = 1u << c.line_shift, next_way = 1u << (c.way_shift & 31);
        u32 first = c.level << 1;
        for (u32 sets = c.sets; sets; --sets, first += next_set) {
            u32 line = first;
            for (u32 ways = c.ways; ways; --ways, line += next_way)
                port(Maintenance::dccisw, line);
        }
    }
    template <typename F>
    void for_lines(u32 va, u32 size, F f)
    {
        if (size == 0)
            return;
        u32 line = align_down(va, cache_line);
        for (u32 n = (align_down(va + (size - 1), cache_line) - line) / cache_line + 1; n;
             --n, line += cache_line)
            f(line);
    }
    template <Maintenance operation>
    void lines(u32 va, u32 size)
    {
        for_lines(va, size, [&](u32 line) { port(operation, line); });
        port(Maintenance::dsb, 0);
    }
};

} // namespace vambrace::armv7
