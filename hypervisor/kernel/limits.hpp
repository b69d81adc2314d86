// SPDX-License-Identifier: Apache-2.0
// The fixed limits of what one board's bundle may describe.
#pragma once
#include <base/types.hpp>

namespace vambrace {

constexpr unsigned max_guests = 8;
/// What all guests' shadow pools may take together.
constexpr u32 all_shadow_pools_kib = 4096;
/// Characters of a guest's label.
constexpr u32 max_label = 31;
/// Characters of a guest's command line: Linux/arm keeps 1024 with the NUL.
constexpr u32 max_bootargs = 1023;

} // namespace vambrace
