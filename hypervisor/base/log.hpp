// SPDX-License-Identifier: Apache-2.0
// The hypervisor's own console output. Where the characters go is set once at boot.
#pragma once
#include <base/types.hpp>

namespace vambrace {

using Log_sink = void (*)(char);

/// The characters go there from now on; before the first call they are dropped.
void log_to(Log_sink sink);

/// One formatted piece of text: conversions %s %c %d %u %x (with width and 0: %08x) %%; 64-bit values are
/// printed by two calls. A line starts with "vambrace: " by convention; the caller writes it.
[[gnu::format(printf, 1, 2)]] void log(char const *format, ...);

/// Only for a broken invariant of the hypervisor's own; no guest input may lead here. Prints
/// "vambrace: FATAL: " and the text, then halts the board.
[[noreturn]] void panic(char const *why);

/// The board stops here, with everything printed.
[[noreturn]] void halt();

} // namespace vambrace
