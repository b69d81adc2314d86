// SPDX-License-Identifier: Apache-2.0
// What is wrong with what the user gave us at boot, said so that the user can repair it.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Prints as "vambrace: FATAL: <cause>: <subject>" and "vambrace: cure: <cure>".
struct Problem {
    char const *cause;
    char const *subject; ///< what it is about: a name out of the user's file; "" for nothing
    char const *cure;    ///< a format with at most one conversion, %u: for `value`
    unsigned value = 0;
};

void report(Problem const &problem);

/// A value, or the Problem that kept it from being made.
template <typename T>
class [[nodiscard]] Boot_result {
  public:
    constexpr Boot_result(T const &value) : value_ {value}, problem_ {}, ok_ {true} {}
    constexpr Boot_result(Problem const &problem) : value_ {}, problem_ {problem}, ok_ {false} {}

    constexpr bool ok() const { return ok_; }
    constexpr explicit operator bool() const { return ok_; }
    /// \pre !ok()
    constexpr Problem const &problem() const
    {
        ASSERT(!ok_);
        return problem_;
    }
    /// \pre ok()
    constexpr T const &operator*() const
    {
        ASSERT(ok_);
        return value_;
    }
    constexpr T const *operator->() const
    {
        ASSERT(ok_);
        return &value_;
    }

  private:
    T value_;
    Problem problem_;
    bool ok_;
};

} // namespace vambrace
