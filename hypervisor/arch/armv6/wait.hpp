// SPDX-License-Identifier: Apache-2.0
// How an ARM11 waits.
#pragma once

namespace vambrace::core {

/// Until an interrupt is pending, masked or not; all accesses are done by then.
inline void wait_for_interrupt()
{
    asm volatile("mcr p15, 0, %0, c7, c10, 4" ::"r"(0) : "memory"); // DSB
    asm volatile("mcr p15, 0, %0, c7, c0, 4" ::"r"(0) : "memory");
}

} // namespace vambrace::core
