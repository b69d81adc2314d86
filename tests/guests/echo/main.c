// SPDX-License-Identifier: Apache-2.0
// The other end of channels: whatever it is asked by a port, it answers by the same one.
// region: both 64 rw
// region: one 64 rw
// channel: bell
// channel: second
#include "share.h"

static void answer(u32 port)
{
    u32 const size = *both(WORD);
    for (u32 n = 0; n < size && n < 0x1000; ++n) {
        *both(MESSAGE + n) = ~*both(MESSAGE + n);
        *one(n) = *both(MESSAGE + n);
    }
    *both(ANSWERED) = *both(ASKED);
    ++*both(ROUNDS);
    CALL1(EVENT_SEND, port);
}

void guest_main(void)
{
    set_vectors();
    mmu_on();
    map_region(BOTH, 0, KERNEL, 0);
    map_region(ONE, 1, KERNEL, 0);
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_PORTS, 1);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED; // it wakes all the same, and EVENT_TAKE lowers the interrupt
    for (;;) {
        struct vambrace_answer const taken = vambrace_call_event_take();
        for (u32 port = 0; port != 2; ++port)
            if (taken.r1 >> port & 1)
                answer(port);
        if (!taken.r1)
            CALL1(IDLE, 0);
    }
}
