// SPDX-License-Identifier: Apache-2.0
// A trap with an unmapped stack, when the emergency stack is not mapped either: the guest is ended, and only
// it.
// hostile: ends by being ended
#include "guest.h"

void guest_main(void)
{
    set_vectors();
    mmu_on();
    vectors.emergency_stack = 0x80002000;
    if (CALL1(SET_VECTORS, &vectors))
        print("FAIL SET_VECTORS\n");
    print("attack\n");
    probe_on(0x80001000, kernel_ldr, 0x70000000, 0);
    print("FAIL the guest goes on\n");
}
