// SPDX-License-Identifier: Apache-2.0
// A neighbour that sets its clock all the time: to 1970 and a little later, with alarms.
#include "guest.h"

enum { MR = 0x04, LR = 0x08, IMSC = 0x10 };

static u32 volatile *rtc(u32 offset) { return (u32 volatile *)(VAMBRACE_PL031_IPA + offset); }

void guest_main(void)
{
    set_vectors();
    mmu_on();
    for (u32 n = 0;; ++n) {
        if (probe(kernel_str, VAMBRACE_PL031_IPA + LR, n % 1000) == NO_TRAP) {
            *rtc(MR) = n % 1000;
            *rtc(IMSC) = n & 1;
        }
        CALL0(YIELD);
    }
}
