// SPDX-License-Identifier: Apache-2.0
// Preconditions that are checked in a debug build (scons debug=1): a broken one is a mistake of ours.
#pragma once

namespace vambrace {

/// Is this a debug build? Assertions are kept then, and registers that a call gives up are overwritten.
constexpr bool debug = VAMBRACE_DEBUG;
/// What such a register holds in a debug build.
constexpr unsigned poison = 0xdeadbeef;

/// Says where, and panics.
[[noreturn]] void assertion_failed(char const *condition, char const *file, unsigned line);

} // namespace vambrace

/// No guest input may make it fail. In other builds the condition is compiled and never evaluated.
#define ASSERT(condition)                                                                                    \
    do {                                                                                                     \
        if constexpr (::vambrace::debug) {                                                                   \
            if (!(condition))                                                                                \
                ::vambrace::assertion_failed(#condition, __FILE__, __LINE__);                                \
        }                                                                                                    \
    } while (false)
