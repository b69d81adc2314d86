// SPDX-License-Identifier: Apache-2.0
// What ends a test at once: the hypervisor itself did what it must not do.
#pragma once
#include <base/types.hpp>

namespace vambrace {

/// An abort of the hypervisor's own, an access to nothing, or a word in a table that it never writes.
struct Hypervisor_fault {
    char const *what;
    u32 address;
};
/// The code under test repeats something without an end.
struct No_progress {};
/// wait_for_interrupt() with nothing to wait for.
struct Sleeps_forever {};

} // namespace vambrace
