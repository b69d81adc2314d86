// SPDX-License-Identifier: Apache-2.0
// Why the hypervisor ran, counted by kind; COUNTERS_READ and the console show them.
#pragma once
#include <base/types.hpp>
#include <vambrace/abi.h>

namespace vambrace {

enum class Counter : u8 {
#define VAMBRACE_COUNTER(number, NAME, name, text) name = number,
#include <vambrace/counters.def>
#undef VAMBRACE_COUNTER
};
constexpr unsigned counter_count = VAMBRACE_COUNTERS;

/// One guest's, or the sum of all; each wraps round at 2^32.
struct Counters {
    u32 value[counter_count] = {};

    void count(Counter counter, u32 by = 1) { value[static_cast<unsigned>(counter)] += by; }
    u32 operator[](Counter counter) const { return value[static_cast<unsigned>(counter)]; }
};

/// What the console calls it.
constexpr char const *name(Counter counter)
{
    constexpr char const *names[] = {
#define VAMBRACE_COUNTER(number, NAME, name, text) text,
#include <vambrace/counters.def>
#undef VAMBRACE_COUNTER
    };
    static_assert(sizeof(names) / sizeof(names[0]) == counter_count);
    return names[static_cast<unsigned>(counter)];
}

} // namespace vambrace
