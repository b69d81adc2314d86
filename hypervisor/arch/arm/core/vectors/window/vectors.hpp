// SPDX-License-Identifier: Apache-2.0
// The exception vectors are in the window, where VBAR points
// (DDI 0301H 3.2.43, DDI 0406C B4.1.156): page 0 is the guest's.
#pragma once
#include <arch/arm/core/own_memory.hpp>

namespace vambrace::arm {

constexpr bool low_vectors = false;

/// There is nothing of ours in megabyte 0.
template <typename Entry>
u32 vectors_word(u32)
{
    return 0;
}

} // namespace vambrace::arm
