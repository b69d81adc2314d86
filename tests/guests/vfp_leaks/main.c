// SPDX-License-Identifier: Apache-2.0
// VFP and NEON registers beside a guest that fills them with its own values all the time: nothing is lost,
// nothing seen.
// for: armv6 armv7
// beside: scribbler
#include "guest.h"
#include "vfp.h"

enum { CPACR_FULL = 0xf << 20, ROUNDS_HERE = 0x03000000, UNDEFINED = 2, MANY = 100, DEAD = 0xdead0001 };
extern char user_vfp_loop[];

static u32 counter(u32 number)
{
    u32 counters[20];
    CALL2(COUNTERS_READ, counters, 20);
    return counters[number];
}

static u32 switches(void) { return counter(19); }

static void let_others_run(u32 times)
{
    u32 const target = switches() + times;
    while ((int)(switches() - target) < 0)
        CALL0(YIELD);
}

TEST(start, "a guest that starts, or starts again, finds VFP closed and all registers 0")
{
    let_others_run(3);
    equal(CP15_READ(1, 0, 2), 0, "CPACR");
    equal(probe(vfp_add, 0, 0), UNDEFINED_KERNEL, "kind of trap while it is closed");
    CHECK(vfp_open(), "there is no VFP");
    CHECK(vfp_differs(0) == 0, "%u words are not 0 at the start", vfp_differs(0));
    equal(vfp_read_system(1), 0, "FPSCR");
    if (counter(UNDEFINED) < MANY) {
        for (u32 n = 0; n != MANY; ++n)
            (void)CP15_READ(0, 0, 0);
        vfp_fill(DEAD);
        vfp_write_fpscr(ROUNDS_HERE);
        print("once more\n");
        ask(SYSTEM_RESET, 0, 0, 0);
    }
}

TEST(kept, "every register is kept while the other guest runs")
{
    vfp_open();
    for (u32 n = 0; n != 100; ++n) {
        vfp_fill(0x7ead0000 | n);
        vfp_write_fpscr(ROUNDS_HERE * (n & 1));
        let_others_run(1 + n % 3);
        CHECK(vfp_differs(0x7ead0000 | n) == 0, "%u words differ", vfp_differs(0x7ead0000 | n));
        equal(vfp_read_system(1), ROUNDS_HERE * (n & 1), "FPSCR");
    }
}

TEST(kept_while_closed, "every register is kept though VFP is closed while the other guest runs")
{
    vfp_open();
    for (u32 n = 0; n != 50; ++n) {
        vfp_fill(0xc105ed00 | n);
        vfp_close();
        let_others_run(1);
        equal(probe(vfp_add, 0, 0), UNDEFINED_KERNEL, "kind of trap while it is closed");
        let_others_run(1);
        vfp_open();
        CHECK(vfp_differs(0xc105ed00 | n) == 0, "%u words differ", vfp_differs(0xc105ed00 | n));
    }
}

TEST(closed_stays_closed, "VFP that is closed here is closed however open it is in the other guest")
{
    mmu_on();
    vfp_open();
    for (u32 n = 0; n != 50; ++n) {
        if (n & 1)
            vfp_close();
        else
            CP15_WRITE(1, 0, 2, 0);
        let_others_run(1);
        equal(probe(vfp_add, 0, 0), UNDEFINED_KERNEL, "kind of trap of guest kernel");
        equal(run_user(user_address(user_vfp_loop), 1, 0), UNDEFINED_USER, "kind of trap of guest user");
        vfp_open();
    }
}

TEST(users_own, "guest user's registers are kept across interrupts and the other guest's time slices")
{
    mmu_on();
    vfp_open();
    interrupt_user(true);
    u32 const before = switches();
    do {
        equal(run_user(user_address(user_vfp_loop), 200000, 0x05e20000), SVC_USER, "kind of trap");
        equal(trap.frame.r[2], 0, "how often a register had another value");
        CALL0(YIELD);
    } while ((users_interrupted < 20 || switches() - before < 20) && !failed());
    interrupt_user(false);
}
