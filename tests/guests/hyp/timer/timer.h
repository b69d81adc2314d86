// SPDX-License-Identifier: Apache-2.0
// Both timers as the tests see them.
#ifndef TIMER_H
#define TIMER_H
#include "hyp.h"

struct timer {
    u32 intid;
    void (*set)(u32 ctl, u64 cval);
    void (*set_ctl)(u32 ctl);
    void (*set_cval)(u64 cval);
    void (*set_tval)(u32 ticks);
    u32 (*ctl)(void), (*tval)(void);
    u64 (*cval)(void);
};
extern struct timer const virtual_timer, physical_timer;

/// Both off, the GIC anew with this one enabled; its interrupt switches it off.
void timer_start(struct timer const *t);
/// Until so many have come, or two seconds are over. \pre they are not masked
void wait_for_irqs(u32 count);

#endif
