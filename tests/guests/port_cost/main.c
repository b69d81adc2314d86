// SPDX-License-Identifier: Apache-2.0
// What a port costs, in instructions: under QEMU's -icount a nanosecond is one.
// beside: echo
// region: both 64 rw
// region: one 64 ro
// channel: bell
// channel: second
// icount: 0
#include "share.h"

enum { MANY = 1000 };

TEST(send, "EVENT_SEND to a port that is pending already costs at most 100 instructions")
{
    mmu_on();
    CALL1(EVENT_SEND, BELL);
    u64 const before = time_ns();
    u32 left = MANY;
    __asm__ volatile(
        "1: ldr r0, =%c2\n\tmov r1, %1\n\tsvc #0\n\tsubs %0, %0, #1\n\tbne 1b\n\tb 2f\n\t.ltorg\n2:"
        : "+r"(left)
        : "r"(BELL), "i"(VAMBRACE_FUNCTION(EVENT_SEND))
        : "r0", "r1", "r2", "r3", "cc", "memory");
    u32 const cost = (u32)(time_ns() - before) / MANY - 4;
    print("EVENT_SEND: %u instructions\n", cost);
    CHECK(cost <= 100, "it takes %u instructions", cost);
}

TEST(round_trip, "a word to the other guest and back costs at most 1700 instructions")
{
    mmu_on();
    map_region(BOTH, 0, KERNEL, 0);
    map_region(ONE, 1, KERNEL, 0);
    *both(WORD) = 1;
    CALL0(YIELD); // the other has answered the test before
    vambrace_call_event_take();
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_PORTS, 1);
    u64 before = 0;
    for (u32 n = 0; n != MANY + 10; ++n) {
        if (n == 10)
            before = time_ns();
        u32 const answers = *both(ROUNDS);
        CALL1(EVENT_SEND, BELL);
        while (*both(ROUNDS) == answers)
            CALL1(IDLE, 0);
        vambrace_call_event_take();
    }
    u32 const cost = (u32)(time_ns() - before) / MANY;
    print("round trip: %u instructions\n", cost);
    CHECK(cost <= 1700, "it takes %u instructions", cost);
}
