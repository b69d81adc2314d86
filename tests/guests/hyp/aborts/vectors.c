// SPDX-License-Identifier: Apache-2.0
// Where an exception goes and in which state: VBAR, SCTLR.V, TE and EE; and what of CPSR it keeps.
#include "aborts.h"

enum { NOWHERE = 0x0a000000 };
extern char vectors_arm[], vectors_thumb[];

static u32 user_c15(u32 a, u32 b) { return (void)a, (void)b, MRC(0, 15, 0, 0); }
static u32 by_user(u32 a, u32 b) { return call_user(user_c15, a, b); }

static void all_kinds(void)
{
    equal(probe(load, NOWHERE, 0), DATA_ABORT, "a load's kind of trap");
    equal(probe(jump, NOWHERE, 0), PREFETCH_ABORT, "a jump's kind of trap");
    equal(probe(by_user, 0, 0), UNDEFINED, "an undefined instruction's kind of trap");
}

TEST(vbar, "VBAR moves the vectors")
{
    u32 *const moved = (u32 *)(SCRATCH + 0x20);
    for (u32 n = 0; n != 8; ++n) {
        moved[n] = 0xe59ff018; // ldr pc, [pc, #24]
        moved[n + 8] = (u32)vectors_arm + 4 * n;
    }
    dsb();
    MCR(0, 7, 5, 0, 0);
    set_vectors();
    for (u32 n = 0; n != 32; ++n) // nobody is at the old place
        ((u32 *)SCRATCH)[n + 64] = 0;
    MCR(0, 12, 0, 0, moved);
    all_kinds();
    set_vectors();
}

TEST(high, "SCTLR.V moves the vectors to 0xffff0000, whatever VBAR says")
{
    mmu_short();
    u32 *const moved = (u32 *)(SCRATCH + 0xf0000);
    for (u32 n = 0; n != 8; ++n) {
        moved[n] = 0xe59ff018;
        moved[n + 8] = (u32)vectors_arm + 4 * n;
    }
    map_short(0xfff00000, SCRATCH | SHORT_NORMAL);
    MCR(0, 7, 5, 0, 0);
    map_short(NOWHERE, NOWHERE | SHORT_NORMAL);
    MCR(0, 12, 0, 0, NOWHERE);
    set_sctlr(SCTLR_V, 0);
    all_kinds();
    set_sctlr(0, SCTLR_V);
    set_vectors();
    mmu_off();
}

TEST(thumb, "SCTLR.TE takes exceptions in Thumb state")
{
    MCR(0, 12, 0, 0, vectors_thumb);
    set_sctlr(SCTLR_TE, 0);
    all_kinds();
    set_sctlr(0, SCTLR_TE);
    set_vectors();
}

TEST(big_endian, "SCTLR.EE takes exceptions big-endian")
{
    set_sctlr(SCTLR_EE, 0);
    all_kinds();
    equal(trap.frame.entry & PSR_E, PSR_E, "CPSR.E");
    equal(probe(load, NOWHERE, 0), DATA_ABORT, "kind of trap");
    equal(trap.frame.entry & PSR_E, PSR_E, "CPSR.E");
    equal(trap.frame.psr & PSR_E, 0, "SPSR.E");
    set_sctlr(0, SCTLR_EE);
    equal(probe(big_load, NOWHERE, 0), DATA_ABORT, "kind of trap of big-endian code");
    equal(trap.frame.entry & PSR_E, 0, "CPSR.E");
    equal(trap.frame.psr & PSR_E, PSR_E, "SPSR.E");
}

TEST(masks, "an abort masks interrupts and aborts, and neither kind masks FIQ")
{
    gic_start();
    unmask();
    equal(probe(load, NOWHERE, 0), DATA_ABORT, "kind of trap");
    mask();
    equal(trap.frame.psr & (PSR_I | PSR_F), 0, "SPSR's masks");
    equal(trap.frame.entry & (PSR_I | PSR_F | PSR_A), PSR_I | PSR_A, "CPSR's masks");
}

TEST(flags, "flags, Q, GE and IT are kept in SPSR, and IT is not in CPSR")
{
    equal(probe(thumb_it_load, NOWHERE, 0), DATA_ABORT, "kind of trap");
    equal(trap.frame.psr & 0xf80f0000, 0x680f0000, "flags, Q and GE");
    CHECK(trap.frame.psr & 0x0600fc00, "SPSR.IT is 0");
    equal(trap.frame.entry & 0x0600fc00, 0, "CPSR.IT");
    equal(*(u32 *)(trap.frame.lr - 8), 0x2000f8d0, "the instruction at lr - 8");
}
