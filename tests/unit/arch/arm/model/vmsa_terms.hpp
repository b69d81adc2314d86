// SPDX-License-Identifier: Apache-2.0
// Rights and memory types as the tests of short descriptors name them.
#pragma once
#include <arch/arm/model/vmsa.hpp>

namespace vambrace::vmsa {

inline constexpr Access none = Access::none, ro = Access::read, rw = Access::write;
inline constexpr Rights_context all_clients {.dacr = 0x55555555};
inline constexpr Rights_context subpaged {.dacr = 0x55555555, .xp = false};

/// Memory attributes as a small page's word has them: TEX 8:6, C 3, B 2, XN 0.
constexpr u32 attributes(u32 tex, u32 c, u32 b, u32 xn) { return tex << 6 | c << 3 | b << 2 | xn; }
/// Normal memory, outer write-back with allocation (TEX = 101), by its inner policy (CB, table B3-11).
inline constexpr u32 nc = attributes(5, 0, 0, 0), wbwa = attributes(5, 0, 1, 0), wt = attributes(5, 1, 0, 0),
                     wb = attributes(5, 1, 1, 0), xn = 1;

} // namespace vambrace::vmsa
