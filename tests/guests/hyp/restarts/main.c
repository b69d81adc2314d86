// SPDX-License-Identifier: Apache-2.0
// Restarts as soon as it has started, with its timers and its GIC running, until it is given up.
// hostile: ends by being ended
#include "hyp.h"

void guest_main(void)
{
    set_vectors();
    gic_start();
    set_bit(GICD_ISENABLER, CNTV_INTID);
    set_bit(GICD_ISENABLER, CNTP_INTID);
    cntv(TIMER_ON, 0);
    cntp(TIMER_ON, 0);
    smc(SYSTEM_RESET, 0, 0, 0);
}
