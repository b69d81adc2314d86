// SPDX-License-Identifier: Apache-2.0
// Two programs at one address, in cached pages: each table shows its own memory there. QEMU keeps these
// promises without any operation; the coherency checker (docs/coherency.md) sees which ones are needed.
#include "guest.h"

enum {
    DATA = 0x20100000,
    CODE = 0x20101000,
    LINE = 32,
    ROUNDS = 3,
    CB = 3 << 2,
};

static u32 *const tables[2] = {l1, other_l1};

static void map_both(void)
{
    mmu_on();
    fill_kernel_map(other_l1);
    for (u32 n = 0; n != 2; ++n) {
        map_page(tables[n], DATA, SCRATCH + n * 4 * PAGE, aps(USER_WRITE), DOMAIN_USER);
        map_page(tables[n], CODE, SCRATCH + (n * 4 + 1) * PAGE, aps(USER_WRITE), DOMAIN_USER);
        add_to_page(tables[n], DATA, CB);
        add_to_page(tables[n], CODE, CB);
        flush(tables[n], DATA, 2 * PAGE);
    }
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_ALL, 0, 0), 0, "CACHE_OP");
}

typedef void change(u32 n);

static void by_call(u32 n) { equal((u32)CALL1(SWITCH_TABLE, tables[n]), 0, "SWITCH_TABLE"); }

/// The hypervisor has no tables for it.
static void by_call_anew(u32 n)
{
    equal((u32)CALL1(FORGET_TABLE, tables[n]), 0, "FORGET_TABLE");
    by_call(n);
}

static void by_cp15(u32 n)
{
    CP15_WRITE(2, 0, 0, tables[n]);
    if (ARCH != ARMV5)
        CP15_WRITE(7, 5, 4, 0);
}

static u32 volatile *line(u32 n) { return (u32 volatile *)(DATA + n * LINE); }

/// What one has written the other does not see, and finds its own.
static void keeps_data(change *to)
{
    for (u32 round = 1; round <= ROUNDS; ++round)
        for (u32 n = 0; n != 2; ++n) {
            to(n);
            for (u32 k = 0; k < PAGE / LINE; k += 7) {
                if (round > 1)
                    equal(*line(k), k << 16 | (round - 1) << 8 | n, "a word of its own");
                *line(k) = k << 16 | round << 8 | n;
            }
        }
    to(0);
}

static void write_code(u32 returns)
{
    u32 volatile *const code = (u32 volatile *)CODE;
    code[0] = 0xe3a00000 | returns; // mov r0, #returns
    code[1] = 0xe12fff1e;           // bx lr
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, CODE, 8), 0, "CACHE_OP");
}

static void keeps_code(change *to)
{
    for (u32 n = 0; n != 2; ++n) {
        to(n);
        write_code(n + 1);
    }
    for (u32 round = 0; round != 2 * ROUNDS; ++round) {
        to(round & 1);
        equal(((u32(*)(void))CODE)(), (round & 1) + 1, "what its code returns");
    }
    to(0);
}

TEST(call_data, "SWITCH_TABLE: each program finds what it has written at an address that both use")
{
    map_both();
    keeps_data(by_call);
}

TEST(call_code, "SWITCH_TABLE: each program runs its own code at an address that both use")
{
    map_both();
    keeps_code(by_call);
}

TEST(anew, "the same with a table that the hypervisor has to make anew each time")
{
    map_both();
    keeps_data(by_call_anew);
    keeps_code(by_call_anew);
}

TEST(cp15, "the same where TTBR is written")
{
    map_both();
    keeps_data(by_cp15);
    keeps_code(by_cp15);
}

/// The page moves to the other program's frame and back, while the table stays.
TEST(moves, "a cached page that shows another frame after CACHE_PAGE and TLB_FLUSH has that frame's words")
{
    map_both();
    keeps_data(by_call);
    for (u32 round = 0; round != ROUNDS; ++round)
        for (u32 n = 0; n != 2; ++n) {
            u32 const now = SCRATCH + n * 4 * PAGE, before = SCRATCH + (1 - n) * 4 * PAGE;
            if (round || n)
                equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, before, DATA), 0, "CACHE_OP");
            map_page(l1, DATA, now, aps(USER_WRITE), DOMAIN_USER);
            add_to_page(l1, DATA, CB);
            flush(l1, DATA, PAGE);
            equal(*line(7) & 0xff, n, "whose word it is");
            *line(7) += 0x100;
        }
}
