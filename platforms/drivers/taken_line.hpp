// SPDX-License-Identifier: Apache-2.0
// What an interrupt controller without a state of its own gives: it acknowledges nothing, a line is a number.
#pragma once
#include <base/types.hpp>

namespace vambrace {

class Taken_line {
  public:
    /// No line.
    constexpr Taken_line() = default;
    constexpr explicit Taken_line(unsigned line) : line_ {line} {}

    /// Whether a line interrupts.
    constexpr explicit operator bool() const { return line_ != none; }
    /// \pre there is one
    constexpr unsigned line() const { return line_; }

  private:
    static constexpr unsigned none = ~0u;

    unsigned line_ {none};
};

} // namespace vambrace
