// SPDX-License-Identifier: Apache-2.0
// Two guests with cached code and data at the same addresses, each of its own: neither meets the other's.
// QEMU has no caches; the coherency checker (docs/coherency.md) sees what a change of guests takes.
// beside: twin
#include "guest.h"

enum { CB = 3 << 2, ROUNDS = 200, WORDS = 512 };

static u32 switches(void)
{
    u32 counters[VAMBRACE_COUNTER_GUEST_SWITCH + 1];
    CALL2(COUNTERS_READ, counters, VAMBRACE_COUNTER_GUEST_SWITCH + 1);
    return counters[VAMBRACE_COUNTER_GUEST_SWITCH]; // from another guest to this one
}

TEST(code_and_data, "beside a guest with the same addresses cached code and data are its own")
{
    mmu_on();
    add_to_section(l1, RAM, CB);
    flush(l1, RAM, MB);
    u32 volatile *const words = (u32 volatile *)(SCRATCH - RAM + LINEAR_VA);
    for (u32 n = 0; n != WORDS; ++n)
        words[n] = ~n;
    u32 const before = switches();
    for (u32 round = 0; round != ROUNDS; ++round) {
        CALL0(YIELD);
        for (u32 n = round % 8; n < WORDS; n += 8) {
            equal(words[n], ~n - round / 8, "a word of its own");
            words[n] = ~n - round / 8 - 1;
        }
    }
    CHECK(switches() - before > ROUNDS / 2, "the other guest has run %u times only", switches() - before);
}
