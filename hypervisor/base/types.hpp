// SPDX-License-Identifier: Apache-2.0
// The kinds of address and the small helpers that everything speaks; types without policy.
#pragma once
#include <base/assert.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace vambrace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = unsigned; // the compiler's uint32_t is a long, which %u and %x are not for
using u64 = std::uint64_t;
static_assert(sizeof(u32) == 4);

/// A guest virtual address, or the hypervisor's own. Any value: guests choose it.
struct Va {
    u32 value;
    constexpr auto operator<=>(Va const &) const = default;
};

/// Intermediate physical address: what a guest believes is physical. Any value: guests choose it.
struct Ipa {
    u32 value;
    constexpr auto operator<=>(Ipa const &) const = default;
};

/// A physical address of the board, of 40 bits.
struct Pa {
    u64 value;
    constexpr auto operator<=>(Pa const &) const = default;
};

/// A 4 KB frame of real memory: physical address >> 12. Made only where ownership was checked.
struct Frame {
    u32 number;
    /// \param physical address in it
    static constexpr Frame of(u32 physical) { return {physical >> 12}; }
    constexpr auto operator<=>(Frame const &) const = default;
    constexpr Pa pa() const { return {u64 {number} << 12}; }
    /// \pre the address has 32 bits, as all that the core reaches without the long format's tables has
    constexpr u32 physical() const
    {
        ASSERT(number < 1u << 20);
        return number << 12;
    }
};

/// Nanoseconds since the board started.
using Time_ns = u64;
constexpr Time_ns never = ~0ull;

constexpr u32 kib = 1024;
constexpr u32 mib = 1024 * kib;
constexpr u32 page_size = 4 * kib;
constexpr u32 section_size = mib;

/// \param to a power of two
constexpr u32 align_down(u32 value, u32 to)
{
    ASSERT(to && (to & (to - 1)) == 0);
    return value & ~(to - 1);
}
constexpr u32 align_up(u32 value, u32 to) { return align_down(value + to - 1, to); }
constexpr bool is_aligned(u32 value, u32 to) { return (value & (to - 1)) == 0; }

/// Does [start, start + size) lie in [base, base + limit), without wrapping round? An empty range does.
constexpr bool contains(u32 base, u32 limit, u32 start, u32 size)
{
    return start >= base && start - base <= limit && size <= limit - (start - base);
}

/// Bits [high:low] of a word.
constexpr u32 bits(u32 word, unsigned high, unsigned low)
{
    return (word >> low) & (0xffffffffu >> (31 - (high - low)));
}
constexpr bool bit(u32 word, unsigned n) { return (word >> n) & 1; }

} // namespace vambrace
