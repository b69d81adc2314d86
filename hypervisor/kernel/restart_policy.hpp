// SPDX-License-Identifier: Apache-2.0
// How often a guest may restart, and how long it waits for it. Time is an argument.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// Restarts in a row are those of lives that were short: a kernel that panics each time it starts. Each waits
/// twice as long as the one before, and there is a last one. A life that was not short ends the row.
class Restart_policy {
  public:
    static constexpr Time_ns short_life = 60'000'000'000;
    static constexpr u32 first_wait_ms = 100;
    static constexpr unsigned too_many = 8;

    /// The guest runs from now on.
    constexpr void started(Time_ns now) { started_ = now; }
    /// It wants to restart. `never`: it has done so too often. Else how long it has to wait.
    constexpr Time_ns wait(Time_ns now)
    {
        in_a_row_ = now - started_ < short_life ? in_a_row_ + 1 : 1;
        return in_a_row_ >= too_many ? never : Time_ns {wait_ms()} * 1'000'000;
    }
    /// Of the restart that wait() was asked about last and granted.
    constexpr u32 wait_ms() const { return first_wait_ms << (in_a_row_ - 1); }
    /// With that one.
    constexpr unsigned in_a_row() const { return in_a_row_; }

  private:
    Time_ns started_ = 0;
    unsigned in_a_row_ = 0;
};

} // namespace vambrace
