// SPDX-License-Identifier: Apache-2.0
// The handlers of hypercalls.def that have files of their own. Arguments are hostile: all are checked first.
#pragma once
#include <pv/running.hpp>

namespace vambrace::call {

/// What r0 gets. A handler that resumes the guest elsewhere says `elsewhere`: no register is changed then.
struct Answer {
    u32 r0;
    bool elsewhere = false;
    constexpr Answer(Error error) : r0 {static_cast<u32>(error)} {}
    constexpr Answer(u32 value, bool elsewhere) : r0 {value}, elsewhere {elsewhere} {}
};
constexpr Answer value(u32 v) { return {v, false}; }
constexpr Answer elsewhere {0, true};

/// r1 to r3, for a handler that returns something in them.
struct Results {
    u32 *r; ///< r[0] is r1
};

// mmu_calls.cpp
Answer set_linear_map(Running g, u32 va, u32 ipa, u32 size);
Error switch_table(Running g, u32 ttbr);
Error forget_table(Running g, u32 ttbr);
Error tlb_flush(Running g, Results results, u32 base, u32 va, u32 size);
Error set_tls(Running g, u32 tls);

// cache_calls.cpp
Error cache_op(Running g, u32 op, u32 va, u32 size);

} // namespace vambrace::call
