// SPDX-License-Identifier: Apache-2.0
// What a guest may pass to a hypercall that is not meant for it: anything, and often what is at an edge.
#pragma once
#include <iterator>
#include <random>
#include <support/trap_bench.hpp>

namespace vambrace {

inline constexpr u32 edges[] = {0,
                                1,
                                4,
                                0xfff,
                                0x1000,
                                Trap_guest::user_page,
                                Trap_guest::other,
                                Trap_guest::linear,
                                Trap_guest::linear + 0x3000,
                                Trap_guest::ram_ipa,
                                Trap_guest::ram_ipa + 0x8000,
                                Trap_guest::base,
                                0xfef00000,
                                0xfffff000,
                                0xff000000,
                                0xff001000,
                                0xff400000,
                                0xff7fffff,
                                0xff800000,
                                0xffff0000,
                                0xffffffff,
                                0x80000000,
                                32,
                                20,
                                mib,
                                Trap_guest::ram_size,
                                Trap_guest::ram_ipa + Trap_guest::ram_size};

/// At an edge, beside one, or anything.
inline u32 hostile_argument(std::mt19937 &random)
{
    u32 const edge = edges[random() % std::size(edges)];
    return random() % 4 == 0 ? random() : random() % 3 == 0 ? edge + random() % 16 - 8 : edge;
}

} // namespace vambrace
