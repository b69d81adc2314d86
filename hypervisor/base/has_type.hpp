// SPDX-License-Identifier: Apache-2.0
// For the checks of what a variant and a board give: a value's type, whether or not it is a constant.
#pragma once
#include <concepts>
#include <type_traits>

namespace vambrace {

/// \tparam T decltype of a name: a constant or, where it is found out at run time or by a test, a variable
template <typename T, typename Value>
concept Has_type = std::same_as<std::remove_cvref_t<T>, Value>;

} // namespace vambrace
