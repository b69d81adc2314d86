// SPDX-License-Identifier: Apache-2.0
// The board's source of randomness.
#pragma once
#include <base/result.hpp>

namespace vambrace {

/// 32 random bits. Error::again: none are there at the moment; Error::not_supported: the board has no source.
Result<u32> random_word();
/// \return does the board have a source?
inline bool has_entropy_source() { return random_word().error() != Error::not_supported; }

} // namespace vambrace
