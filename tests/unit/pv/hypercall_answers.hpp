// SPDX-License-Identifier: Apache-2.0
// What refused hypercalls answer, as it is in the guest's r0.
#pragma once
#include <base/types.hpp>
#include <vambrace/abi.h>

namespace vambrace::answer {

inline constexpr u32 inval = static_cast<u32>(VAMBRACE_INVALID_PARAMETERS),
                     address = static_cast<u32>(VAMBRACE_INVALID_ADDRESS);
inline constexpr u32 not_supported = static_cast<u32>(VAMBRACE_NOT_SUPPORTED);

} // namespace vambrace::answer
