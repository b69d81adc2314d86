// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or the ABI's own error; every function that can fail returns one.
#pragma once
#include <base/types.hpp>
#include <vambrace/abi.h>

namespace vambrace {

enum class [[nodiscard]] Error : int {
    none = VAMBRACE_SUCCESS,  not_supported = VAMBRACE_NOT_SUPPORTED, inval = VAMBRACE_INVALID_PARAMETERS,
    denied = VAMBRACE_DENIED, address = VAMBRACE_INVALID_ADDRESS,     again = VAMBRACE_AGAIN,
};

template <typename T>
class [[nodiscard]] Result {
  public:
    constexpr Result(T value) : value_ {value}, error_ {Error::none} {}
    constexpr Result(Error error) : value_ {}, error_ {error} {}

    constexpr bool ok() const { return error_ == Error::none; }
    constexpr explicit operator bool() const { return ok(); }
    constexpr Error error() const { return error_; }
    /// \pre ok()
    constexpr T const &operator*() const
    {
        ASSERT(ok());
        return value_;
    }
    constexpr T &operator*()
    {
        ASSERT(ok());
        return value_;
    }
    constexpr T const *operator->() const
    {
        ASSERT(ok());
        return &value_;
    }
    constexpr T value_or(T other) const { return ok() ? value_ : other; }

  private:
    T value_;
    Error error_;
};

} // namespace vambrace
