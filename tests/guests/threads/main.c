// SPDX-License-Identifier: Apache-2.0
// Registers that no instruction of USR mode traps on: the thread registers, each guest's own, beside another
// guest that
// writes its own values into all of them as fast as it can.
// for: armv6 armv7
// beside: scribbler
#include "guest.h"

extern char user_read_threads[], user_write_threads[];
/// LDREX, YIELD, STREX: STREX's answer.
u32 exclusive_around_yield(u32 *word, u32 value);

static u32 read_ro(void) { return CP15_READ(13, 0, 3); }
static u32 read_rw(void) { return CP15_READ(13, 0, 2); }
static void write_rw(u32 value) { CP15_WRITE(13, 0, 2, value); }

static u32 switches(void)
{
    u32 counters[20];
    CALL2(COUNTERS_READ, counters, 20);
    return counters[19]; // from another guest to this one
}

/// Gives the other guest time until it has run so often since.
static void let_others_run(u32 times)
{
    u32 const target = switches() + times;
    while ((int)(switches() - target) < 0)
        CALL0(YIELD);
}

enum { UNDEFINED = 2, MANY = 100 };

TEST(start, "a guest that is started again finds thread registers that are 0")
{
    u32 counters[4];
    CALL2(COUNTERS_READ, counters, 4); // of all starts
    if (counters[UNDEFINED] < MANY) {
        write_rw(0xdead0001);
        CALL1(SET_TLS, 0xdead0002);
        for (u32 n = 0; n != MANY; ++n)
            CP15_WRITE(13, 0, 4, 0xdead0003);
        print("once more\n");
        ask(SYSTEM_RESET, 0, 0, 0);
    }
    equal(read_rw(), 0, "TPIDRURW");
    equal(read_ro(), 0, "TPIDRURO");
    equal(CP15_READ(13, 0, 4), 0, "TPIDRPRW");
}

TEST(set_tls, "SET_TLS and MCR set TPIDRURO, which guest user reads and cannot write")
{
    mmu_on();
    u32 const values[] = {0x12345678, 0, 0xffffffff};
    for (u32 n = 0; n != 6; ++n) {
        if (n & 1)
            CP15_WRITE(13, 0, 3, values[n / 2]);
        else
            equal((u32)CALL1(SET_TLS, values[n / 2]), 0, "SET_TLS");
        equal(read_ro(), values[n / 2], "what guest kernel reads");
        equal(run_user(user_address(user_read_threads), 0, 0), SVC_USER, "kind of trap");
        equal(trap.frame.r[1], values[n / 2], "what guest user reads");
    }
}

TEST(own, "the thread registers are kept while the other guest runs")
{
    for (u32 n = 0; n != 200; ++n) {
        u32 const mine = 0x7ead0000 | n;
        write_rw(mine);
        CALL1(SET_TLS, ~mine);
        CP15_WRITE(13, 0, 4, mine ^ 0x5555);
        let_others_run(1);
        CHECK(read_rw() == mine, "TPIDRURW is %x, not %x", read_rw(), mine);
        CHECK(read_ro() == ~mine, "TPIDRURO is %x, not %x", read_ro(), ~mine);
        CHECK(CP15_READ(13, 0, 4) == (mine ^ 0x5555), "TPIDRPRW is %x", CP15_READ(13, 0, 4));
    }
}

TEST(users_own, "guest user's TPIDRURW is kept across time slices of the other guest")
{
    mmu_on();
    for (u32 n = 0; n != 50; ++n) {
        u32 const mine = 0x05e20000 | n;
        equal(run_user(user_address(user_write_threads), mine, 0), SVC_USER, "kind of trap");
        let_others_run(1);
        equal(run_user(user_address(user_read_threads), 0, 0), SVC_USER, "kind of trap");
        equal(trap.frame.r[2], mine, "TPIDRURW");
    }
}

TEST(exclusive, "an exclusive pair with the other guest in between fails")
{
    static u32 word;
    for (u32 n = 0; n != 50; ++n) {
        word = n;
        u32 const before = switches();
        u32 const failed_pair = exclusive_around_yield(&word, 0xbad);
        if (switches() != before)
            CHECK(failed_pair == 1 && word == n, "STREX gives %u, the word is %x", failed_pair, word);
    }
}

TEST(flags, "the processor's state is kept while the other guest runs, which goes about big-endian")
{
    for (u32 n = 0; n != 50; ++n) {
        let_others_run(1);
        u32 cpsr;
        __asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
        equal(cpsr & 0x3ff, 0x10, "CPSR.M, T, F, I, A and E");
    }
}
