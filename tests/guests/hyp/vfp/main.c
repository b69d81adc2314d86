// SPDX-License-Identifier: Apache-2.0
// VFP's and NEON's registers beside a guest that fills them with its own values all the time: nothing is
// lost, nothing seen. They change hands when they are used first.
// beside: scribbler
#include "hyp.h"
#include "vfp.h"

enum { ROUNDS_HERE = 0x03000000, ASEDIS = 1u << 31, EN = 1 << 30 };

static void let_others_run(u32 times)
{
    for (u32 n = 0; n != times; ++n)
        yield_to_others();
}

static u32 add(u32 a, u32 b) { return vfp_add(a, b), 0; }

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
    for (u32 n = 0; n != 50; ++n) {
        vfp_open();
        vfp_fill(0xc105ed00 | n);
        if (n & 1)
            vfp_close();
        else
            MCR(0, 1, 0, 2, 0);
        let_others_run(1);
        equal(probe(add, 0, 0), UNDEFINED, "kind of trap while it is closed");
        let_others_run(1);
        vfp_open();
        CHECK(vfp_differs(0xc105ed00 | n) == 0, "%u words differ", vfp_differs(0xc105ed00 | n));
    }
}

TEST(state, "FPEXC and CPACR are the guest's own, however the other guest has them")
{
    for (u32 n = 0; n != 50; ++n) {
        vfp_open();
        if (n & 1)
            vfp_close();
        let_others_run(1);
        equal(vfp_read_system(0) & EN, n & 1 ? 0 : EN, "FPEXC.EN");
        equal(MRC(0, 1, 0, 2) & 0xf << 20, 0xf << 20, "CPACR");
    }
}

TEST(user, "user mode uses VFP where CPACR lets it")
{
    vfp_open();
    catch_traps();
    let_others_run(1);
    call_user(add, 0, 0);
    equal(trap.kind, NO_TRAP, "kind of trap");
    MCR(0, 1, 0, 2, 0x5 << 20); // the kernel's alone
    let_others_run(1);
    call_user(add, 0, 0);
    release_traps();
    equal(trap.kind, UNDEFINED, "kind of trap with CPACR for the kernel alone");
    equal(trap.frame.psr & MODE, USR, "SPSR.M");
    vfp_open();
}

TEST(identity, "FPSID, MVFR0 and MVFR1 are the core's, whoever used VFP last")
{
    vfp_open();
    u32 const mvfr0 = vfp_read_system(2);
    for (u32 n = 0; n != 10; ++n) {
        let_others_run(1);
        equal(vfp_read_system(2), mvfr0, "MVFR0");
    }
    CHECK(mvfr0 && mvfr0 != 0x5c21b000, "MVFR0 is %x", mvfr0);
}
