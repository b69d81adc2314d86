// SPDX-License-Identifier: Apache-2.0
// Pages in more megabytes than the smallest pool has second-level tables for: one gives way to another all
// the time, while the core may still know what it said.
#include "guest.h"

enum { BASE = 0x20000000, MEGABYTES = 100, ROUNDS = 3, CB = 3 << 2 };

static u32 volatile *word(u32 n) { return (u32 volatile *)(BASE + n * MB + n % 8 * 128); }

static void map_all(void)
{
    mmu_on();
    for (u32 n = 0; n != MEGABYTES; ++n) {
        map_page(l1, BASE + n * MB, SCRATCH + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
        add_to_page(l1, BASE + n * MB, CB);
    }
    flush_all();
}

TEST(kernel, "guest kernel finds its words in more megabytes than there are tables for")
{
    map_all();
    for (u32 round = 1; round <= ROUNDS; ++round)
        for (u32 n = 0; n != MEGABYTES; ++n) {
            if (round > 1)
                equal(*word(n), n << 8 | (round - 1), "a word");
            *word(n) = n << 8 | round;
        }
}

TEST(user, "so does guest user, and a page that is not mapped any more is not there")
{
    map_all();
    for (u32 n = 0; n != MEGABYTES; ++n)
        *word(n) = n;
    for (u32 n = 0; n != MEGABYTES; ++n) {
        equal(run_user(user_address(user_ldr), (u32)word(n), 0), SVC_USER, "kind of trap");
        equal(trap.frame.r[1], n, "what guest user reads");
        unmap_page(l1, BASE + n * MB);
        flush(l1, BASE + n * MB, PAGE);
        equal(run_user(user_address(user_ldr), (u32)word(n), 0), DATA_USER, "kind of trap");
    }
}
