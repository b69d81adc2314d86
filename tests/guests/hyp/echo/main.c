// SPDX-License-Identifier: Apache-2.0
// The other end of a channel: it inverts a word and sends it back. Caches and MMU are off, as beside it.
// region: both 64 rw
// region: one 64 rw
// channel: bell
#include "hyp.h"

enum { ONE = VAMBRACE_REGION_IPA + VAMBRACE_REGION_SPACING };

void guest_main(void)
{
    set_vectors();
    gic_start();
    set_bit(GICD_ISENABLER, 32 + VAMBRACE_SPI_PORTS);
    u32 volatile *const both = (u32 volatile *)VAMBRACE_REGION_IPA, *const one = (u32 volatile *)ONE;
    for (;;) {
        if (hvc(VAMBRACE_FUNCTION(EVENT_TAKE), 0, 0, 0).r[1]) {
            both[1] = ~both[0];
            one[1] = both[1];
            dsb();
            hvc(VAMBRACE_FUNCTION(EVENT_SEND), 0, 0, 0);
        } else {
            wfi();
        }
    }
}
