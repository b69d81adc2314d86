// SPDX-License-Identifier: Apache-2.0
// Spins for ever with its interrupts masked.
// hostile: ends never
#include "guest.h"

void guest_main(void)
{
    set_vectors();
    mmu_on();
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    print("attack\n");
    for (;;)
        ;
}
