// SPDX-License-Identifier: Apache-2.0
// The fixed limits of what one board's bundle may describe.
#pragma once
#include <base/types.hpp>

namespace vambrace {

constexpr unsigned max_guests = 8;
/// What one guest's shadow pool may take, and what all guests' may take together.
constexpr u32 most_shadow_pool_kib = 4096, all_shadow_pools_kib = 20 * 1024;
/// Characters of a guest's label.
constexpr u32 max_label = 31;
/// Characters of a guest's command line: Linux/arm keeps 1024 with the NUL.
constexpr u32 max_bootargs = 1023;

} // namespace vambrace
