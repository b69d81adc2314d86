// SPDX-License-Identifier: Apache-2.0
// The two kinds of abort, each with fault registers of its own.
#pragma once
#include <base/types.hpp>

namespace vambrace {

enum class Abort : u8 { data, prefetch };

} // namespace vambrace
