// SPDX-License-Identifier: Apache-2.0
// What a TLB keeps of a page, and how a page may be accessed: the words of <walk.hpp>, which a format gives.
#pragma once
#include <base/types.hpp>

namespace vambrace::walk {

/// The entries themselves.
struct Translation {
    u32 l1, l2; ///< l2: 0 for a section
    bool operator==(Translation const &) const = default;
};

enum class Kind : u8 { load, store, fetch };
enum class Mode : u8 { usr, privileged };

} // namespace vambrace::walk
