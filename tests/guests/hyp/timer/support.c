// SPDX-License-Identifier: Apache-2.0
// The timers' registers, and how the tests wait.
#include "timer.h"

#define TIMER(name, opc1, crm, number)                                                                       \
    static void name##_ctl(u32 ctl) { MCR(0, 14, crm, 1, ctl); }                                             \
    static void name##_cval(u64 cval) { MCRR(opc1, 14, cval); }                                              \
    static void name##_tval(u32 value) { MCR(0, 14, crm, 0, value); }                                        \
    static u32 name##_get_ctl(void) { return isb(), MRC(0, 14, crm, 1); }                                    \
    static u32 name##_get_tval(void) { return isb(), MRC(0, 14, crm, 0); }                                   \
    static u64 name##_get_cval(void) { return isb(), MRRC(opc1, 14); }                                       \
    struct timer const name##_timer = {                                                                      \
        .intid = number,                                                                                     \
        .set = name##_set,                                                                                   \
        .set_ctl = name##_ctl,                                                                               \
        .set_cval = name##_cval,                                                                             \
        .set_tval = name##_tval,                                                                             \
        .ctl = name##_get_ctl,                                                                               \
        .tval = name##_get_tval,                                                                             \
        .cval = name##_get_cval,                                                                             \
    };

static void virtual_set(u32 ctl, u64 cval) { cntv(ctl, cval); }
static void physical_set(u32 ctl, u64 cval) { cntp(ctl, cval); }
TIMER(virtual, 3, 3, CNTV_INTID)
TIMER(physical, 2, 2, CNTP_INTID)

static void switch_off(u32 iar, struct frame *f)
{
    (void)f;
    if (iar == CNTV_INTID)
        cntv(0, 0);
    else
        cntp(0, 0);
}

void timer_start(struct timer const *t)
{
    mask();
    cntv(0, 0);
    cntp(0, 0);
    gic_start();
    irq_hook = switch_off;
    set_bit(GICD_ISENABLER, t->intid);
}

void wait_for_irqs(u32 count)
{
    for (u64 const until = cntvct() + ticks(2000000); irqs < count && cntvct() < until;)
        ;
}
