// SPDX-License-Identifier: Apache-2.0
// Waits and calls without end, with nothing between them: WFI that is over at once, WFE, SEV, YIELD, device
// accesses, and timers that are always due.
// hostile: ends never
#include "hyp.h"

void guest_main(void)
{
    set_vectors();
    start_due_timers();
    print("attack\n");
    for (u32 n = 0;; ++n) {
        wfi(); // it is pending, and masked
        __asm__ volatile("sev\n wfe\n wfe\n yield");
        *gicd(GICD_SGIR) = 2 << 24 | (n & 15);
        *gicd(GICD_ISPENDR + 4) = ~0u;
        (void)*uart(0x18);
        cntp(TIMER_ON, cntvct());
        if (n % 16 == 0)
            yield_to_others();
        if (n % 64 == 0)
            MCR(0, 8, 3, 0, 0);
    }
}
