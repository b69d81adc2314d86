// SPDX-License-Identifier: Apache-2.0
// Numbers without a pattern that a ring of processes could have: what gives way is chosen by them.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// A xorshift generator (G. Marsaglia, Xorshift RNGs, 2003). A guest may foresee them: what gives way is its
/// own.
class Random {
  public:
    u32 next()
    {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        return state_ ^= state_ << 5;
    }
    /// \param n at least 1
    u32 below(u32 n) { return static_cast<u32>(u64 {next()} * n >> 32); }

  private:
    u32 state_ {1};
};

} // namespace vambrace
