// SPDX-License-Identifier: Apache-2.0
// The neighbour of twins: other code at the same addresses, cached. It gives the processor away all the time.
#include "guest.h"

enum { CB = 3 << 2, PAGES = 23 };

/// Pages where the hypervisor sees all memory while it loads a guest, in its own table.
static u32 volatile *where_it_loads(u32 n) { return (u32 volatile *)(0x80000000 + (n % PAGES + 1) * MB); }

void guest_main(void)
{
    set_vectors();
    mmu_on();
    add_to_section(l1, RAM, CB);
    flush(l1, RAM, MB);
    for (u32 n = 0; n != PAGES; ++n)
        map_page(l1, (u32)where_it_loads(n), SCRATCH + PAGE, aps(KERNEL), DOMAIN_KERNEL);
    u32 volatile *const words = (u32 volatile *)(SCRATCH - RAM + LINEAR_VA);
    for (u32 n = 0;; ++n) {
        if (n && words[n % 512] != n - 512 && n > 512)
            print("twin: FAIL word %u is %x\n", n % 512, words[n % 512]);
        words[n % 512] = n;
        for (u32 k = 0; k != PAGES; ++k)
            (void)*where_it_loads(k);
        CALL0(YIELD);
    }
}
