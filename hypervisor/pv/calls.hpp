// SPDX-License-Identifier: Apache-2.0
// The handlers of hypercalls.def, one for each call. Arguments are hostile: all are checked first.
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

/// r1 to r3, for a handler that returns something in them. The arguments are still there.
struct Results {
    u32 *r; ///< r[0] is r1
};

// A handler's declaration: what it returns says the call's class, whether it gets Results the call's results,
// and the parameters are the call's own. One that is missing or has others does not link.
#define RETURNS_SLOW Answer
#define RETURNS_FAST Error
#define RETURNS_FAST_IRQ Error
#define RETURNS_FAST_WAKE Error
#define RETURNS_DIRECT Error
#define RESULTS_NONE
#define RESULTS_R0
#define RESULTS_R1_R2 , Results results
#define RESULTS_R2_R3 , Results results
#define RESULTS_R1_R12
#define PARAMETERS_0()
#define PARAMETERS_1(a) , u32 a
#define PARAMETERS_2(a, b) , u32 a, u32 b
#define PARAMETERS_3(a, b, c) , u32 a, u32 b, u32 c
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter)             \
    RETURNS_##class function(Running g RESULTS_##results PARAMETERS_##arguments names);
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
#undef RETURNS_SLOW
#undef RETURNS_FAST
#undef RETURNS_FAST_IRQ
#undef RETURNS_FAST_WAKE
#undef RETURNS_DIRECT
#undef RESULTS_NONE
#undef RESULTS_R0
#undef RESULTS_R1_R2
#undef RESULTS_R2_R3
#undef RESULTS_R1_R12
#undef PARAMETERS_0
#undef PARAMETERS_1
#undef PARAMETERS_2
#undef PARAMETERS_3

} // namespace vambrace::call
