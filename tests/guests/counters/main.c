// SPDX-License-Identifier: Apache-2.0
// COUNTERS_READ: what it stores, and where it must not.
#include "guest.h"

enum {
    MOST = 64,
    SYSTEM_CALLS = VAMBRACE_COUNTER_SYSCALL,
    HYPERCALLS = VAMBRACE_COUNTER_HYPERCALL,
    UNDEFINED = VAMBRACE_COUNTER_UNDEFINED,
    PREFETCH_ABORTS = VAMBRACE_COUNTER_PREFETCH_ABORT,
    DATA_ABORTS = VAMBRACE_COUNTER_DATA_ABORT,
    FORWARDED = VAMBRACE_COUNTER_FORWARDED_FAULT,
    SENTINEL = 0x5e5e5e5e,
    NOT_MAPPED = 0x80000000,
    MANY = 100,
};
static u32 first[MOST], second[MOST];

static u32 count_of(u32 *buffer)
{
    for (u32 n = 0; n != MOST; ++n)
        buffer[n] = SENTINEL;
    return (u32)CALL2(COUNTERS_READ, buffer, MOST);
}

TEST(restart, "all counters go on over a restart, those of the fast paths too")
{
    u32 counters[16];
    CALL2(COUNTERS_READ, counters, 16);
    if (counters[UNDEFINED] < MANY) { // the first life
        mmu_on();
        for (u32 n = 0; n != MANY; ++n) {
            equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
            equal(run_user(user_address(user_ldr), NOT_MAPPED, 0), DATA_USER, "kind of trap");
            equal(run_user(NOT_MAPPED, 0, 0), PREFETCH_USER, "kind of trap");
            (void)CP15_READ(0, 0, 0);
        }
        CHECK(!failed(), "what is to be counted did not happen");
        ask(SYSTEM_RESET, 0, 0, 0);
    }
    equal(counters[SYSTEM_CALLS], 0, "system calls, which nobody counts");
    CHECK(counters[DATA_ABORTS] >= MANY, "%u data aborts", counters[DATA_ABORTS]);
    CHECK(counters[PREFETCH_ABORTS] >= MANY, "%u prefetch aborts", counters[PREFETCH_ABORTS]);
    CHECK(counters[FORWARDED] >= 2 * MANY, "%u faults forwarded", counters[FORWARDED]);
}

TEST(stores_what_it_says, "it returns how many words it stored and stores no more")
{
    u32 const words = count_of(first);
    equal(words, VAMBRACE_COUNTERS, "the number of words");
    for (u32 n = 0; n != MOST; ++n)
        CHECK((first[n] != SENTINEL) == (n < words), "word %u is %x", n, first[n]);
    for (u32 size = 0; size <= words; ++size) {
        for (u32 n = 0; n != MOST; ++n)
            first[n] = SENTINEL;
        equal((u32)CALL2(COUNTERS_READ, first, size), size, "the number of words");
        for (u32 n = size; n != MOST; ++n)
            equal(first[n], SENTINEL, "a word behind the last");
    }
    equal((u32)CALL2(COUNTERS_READ, first, 0xffffffff), words, "the number of words");
}

TEST(counts, "hypercalls, undefined instructions and faults are counted")
{
    mmu_on();
    count_of(first);
    for (u32 n = 0; n != 100; ++n)
        CALL0(TIME_GET);
    for (u32 n = 0; n != 10; ++n)
        probe(kernel_ldr, 0x80000000, 0);
    for (u32 n = 0; n != 20; ++n)
        (void)CP15_READ(0, 0, 0);
    count_of(second);
    CHECK(second[HYPERCALLS] - first[HYPERCALLS] >= 100, "%u hypercalls",
          second[HYPERCALLS] - first[HYPERCALLS]);
    CHECK(second[UNDEFINED] - first[UNDEFINED] >= 20, "%u undefined", second[UNDEFINED] - first[UNDEFINED]);
    CHECK(second[FORWARDED] - first[FORWARDED] >= 10, "%u forwarded", second[FORWARDED] - first[FORWARDED]);
}

TEST(bad_buffers, "a buffer that cannot be written is INVALID_ADDRESS")
{
    mmu_on();
    map_page(l1, 0x20100000, SCRATCH, aps(USER_READ), DOMAIN_USER);
    *(u32 *)SCRATCH = SENTINEL;
    u32 const bad[] = {0,          4,          0xff0,          0xff000000,     0xff001000,
                       0xff100000, 0xff7ffff0, 0xfefffffc,     0xfffffffc,     0xfffffff0,
                       0x80000000, 0x20100000, (u32)first + 1, (u32)first + 2, 0xfefffff0};
    for (u32 n = 0; n != sizeof bad / sizeof bad[0]; ++n)
        equal((u32)CALL2(COUNTERS_READ, bad[n], 16), (u32)VAMBRACE_INVALID_ADDRESS, "COUNTERS_READ");
    equal(*(u32 *)SCRATCH, SENTINEL, "the read-only page");
}

TEST(counter_page, "COUNTERS_READ into the counter's page or the shared page's neighbours is refused")
{
    u32 const mask = shared()->irq_mask;
    for (u32 at = VAMBRACE_SHARED_VA; at < VAMBRACE_SHARED_VA + 0x4000; at += 0x400)
        equal((u32)CALL2(COUNTERS_READ, at, 16), (u32)VAMBRACE_INVALID_ADDRESS, "COUNTERS_READ");
    equal(shared()->irq_mask, mask, "irq_mask");
}
