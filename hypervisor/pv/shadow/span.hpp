// SPDX-License-Identifier: Apache-2.0
// The addresses that a flush names.
#pragma once
#include <pv/shadow/second_level.hpp>

namespace vambrace::shadow {

/// So many megabytes are done in one piece.
constexpr u32 resync_limit = 64;

/// Addresses, both ends included, so that the top of the address space can be named.
struct Span {
    u32 first, last;
    constexpr u32 first_megabyte() const { return first >> 20; }
    constexpr u32 last_megabyte() const { return last >> 20; }
    constexpr bool has(u32 megabyte) const
    {
        return megabyte >= first_megabyte() && megabyte <= last_megabyte();
    }
    /// Those of a megabyte that has some of it.
    constexpr Second_level::Entries entries_in(u32 megabyte) const
    {
        return {megabyte == first_megabyte() ? bits(first, 19, 12) : 0,
                megabyte == last_megabyte() ? bits(last, 19, 12) : Second_level::words - 1};
    }
};

/// \pre size is not 0
constexpr Span span(Va va, u32 size)
{
    return {va.value, size > 0xffffffff - va.value ? 0xffffffff : va.value + (size - 1)};
}

} // namespace vambrace::shadow
