// SPDX-License-Identifier: Apache-2.0
// A linear map that contradicts the page tables: the guest may hang or be ended, nobody else.
// hostile: ends never
#include "guest.h"

enum { DOMAIN_OPEN = 2 };

/// The linear map says that LINEAR_VA's first megabyte is one section; the table says small pages, in a
/// domain of their own; and the second-level table itself lies in that megabyte. Then a trap comes with its
/// stack there.
void guest_main(void)
{
    set_vectors();
    mmu_on();
    print("attack\n");
    set_domain(DOMAIN_OPEN, CLIENT);
    for (u32 offset = 0; offset != RAM_SIZE; offset += MB)
        map_section(l1, RAM + offset, RAM + offset, KERNEL, DOMAIN_OPEN);
    map_section(l1, VAMBRACE_PL011_IPA, VAMBRACE_PL011_IPA, KERNEL, DOMAIN_OPEN);
    unmap_section(l1, LINEAR_VA);
    for (u32 n = 0; n != 256; ++n)
        map_page(l1, LINEAR_VA + n * PAGE, SCRATCH + n * PAGE, aps(KERNEL), DOMAIN_OPEN);
    set_domain(DOMAIN_KERNEL, NO_ACCESS);
    flush_all();
    u32 const sp = LINEAR_VA + 0x80800;
    for (u32 n = 0; n != 100; ++n) {
        flush_all();
        (void)CALL2(COUNTERS_READ, sp, 16);
        (void)probe_on(sp, kernel_ldr, 0x70000000, 0);
    }
    for (;;)
        (void)*(u32 volatile *)sp;
}
