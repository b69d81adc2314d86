// SPDX-License-Identifier: Apache-2.0
// Masks everything, switches its interrupt controller off and never gives the processor away.
// hostile: ends never
#include "hyp.h"

void guest_main(void)
{
    set_vectors();
    gic_start();
    *gicd(GICD_CTLR) = 0;
    *gicc(GICC_CTLR) = 0;
    cntv(0, 0);
    print("attack\n");
    __asm__ volatile("cpsid aif\n1: b 1b");
}
