// SPDX-License-Identifier: Apache-2.0
// How a Cortex-A waits.
#pragma once

namespace vambrace::core {

/// Until an interrupt is pending, masked or not; all accesses are done by then.
inline void wait_for_interrupt() { asm volatile("dsb\n wfi" ::: "memory"); }

} // namespace vambrace::core
