// SPDX-License-Identifier: Apache-2.0
// The neighbour of twins: other code at the same addresses, cached. It gives the processor away all the time.
#include "guest.h"

enum { CB = 3 << 2 };

void guest_main(void)
{
    set_vectors();
    mmu_on();
    add_to_section(l1, RAM, CB);
    flush(l1, RAM, MB);
    u32 volatile *const words = (u32 volatile *)(SCRATCH - RAM + LINEAR_VA);
    for (u32 n = 0;; ++n) {
        if (n && words[n % 512] != n - 512 && n > 512)
            print("twin: FAIL word %u is %x\n", n % 512, words[n % 512]);
        words[n % 512] = n;
        CALL0(YIELD);
    }
}
