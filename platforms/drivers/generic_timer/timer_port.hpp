// SPDX-License-Identifier: Apache-2.0
// The generic timer's registers in CP15's c14 (ARM DDI 0406C chapter B8).
#pragma once
#include <drivers/generic_timer/generic_timer.hpp>

namespace vambrace {

struct Timer_port {
    /// CNTFRQ, in Hz: what a loader has written there, 0 if none did.
    u32 frequency() const
    {
        u32 hz;
        asm volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(hz));
        return hz;
    }

    /// CNTPCT's lower half. In SVC mode CNTHCTL.PL1PCTEN has to be 1, which it is at reset.
    u32 count() const
    {
        u32 low, high;
        asm volatile("mrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
        return low;
    }

    void write(Core_mode mode, Timer_register which, u32 value) const
    {
        if (mode == Core_mode::hyp && which == Timer_register::value)
            asm volatile("mcr p15, 4, %0, c14, c2, 0" ::"r"(value)); // CNTHP_TVAL
        else if (mode == Core_mode::hyp)
            asm volatile("mcr p15, 4, %0, c14, c2, 1" ::"r"(value)); // CNTHP_CTL
        else if (which == Timer_register::value)
            asm volatile("mcr p15, 0, %0, c14, c3, 0" ::"r"(value)); // CNTV_TVAL
        else
            asm volatile("mcr p15, 0, %0, c14, c3, 1" ::"r"(value)); // CNTV_CTL
    }

    void barrier() const { asm volatile("isb" ::: "memory"); }
};

} // namespace vambrace
