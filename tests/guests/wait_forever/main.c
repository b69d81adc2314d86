// SPDX-License-Identifier: Apache-2.0
// WFI and WFE, which USR mode executes without a trap, from a guest that takes no interrupt and asks for
// none.
// for: armv6 armv7
// hostile: ends never
#include "guest.h"

extern char user_wait_forever[];
void wait_forever(void);

void guest_main(void)
{
    set_vectors();
    mmu_on();
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    u64 const soon = time_ns() + 300000000; // guest user first, then guest kernel
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
    print("attack\n");
    trap_hook = NULL;
    struct vambrace_frame f = {
        .pc = user_address(user_wait_forever), .psr = VAMBRACE_PSR_USER, .sp = USER_STACK_END};
    f.r[0] = 100; // waits: the timer's interrupt may be the only one
    run_user_frame(&f);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    wait_forever();
}
