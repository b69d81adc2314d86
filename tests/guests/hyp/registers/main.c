// SPDX-License-Identifier: Apache-2.0
// What a guest finds in its registers when it starts, and when it starts again: docs/guest-machine.md's
// values, and nothing of a neighbour or of its own former life. The clock's load register, which a restart
// leaves, counts the lives.
// beside: scribbler
#include "registers.h"

enum { LIVES = 3, MARK = 0x11fe0000 };
static u32 volatile *const load_register = (u32 volatile *)(VAMBRACE_PL031_IPA + 8);

static u32 life(void) { return (*load_register & 0xffff0000) == MARK ? *load_register & 0xffff : 0; }

TEST(general, "the general registers are 0 but for those that say where the device tree is, in every mode")
{
    struct start_state const *const s = &start_state;
    for (u32 n = 0; n != 13; ++n)
        if (n != 1 && n != 2)
            equal(s->r[n], 0, "r0 or r3 to r12");
    equal(s->r[1], ~0u, "r1");
    CHECK(s->r[2] - RAM < RAM_SIZE, "r2 is %x", s->r[2]);
    equal(s->lr_usr, 0, "lr_usr");
    equal(s->lr_svc, 0, "lr_svc");
    for (u32 const *word = &s->sp_usr; word != &s->sp_svc; ++word)
        equal(*word, 0, "a banked register");
    equal(s->sp_svc, 0, "sp_svc");
    equal(s->spsr_svc, 0, "SPSR_svc");
    equal(s->cpsr & 0x0f0fffff, 0x1d3, "CPSR");
}

TEST(system, "the system registers are those of a reset")
{
    equal(early.sctlr, 0x00c50078, "SCTLR");
    for (u32 n = 0; n != early_zeros; ++n)
        CHECK(early.zero[n] == 0, "register %u of early.c is %x", n, early.zero[n]);
}

TEST(timers, "both timers are off")
{
    equal(early.cntv_ctl, 0, "CNTV_CTL");
    equal(early.cntp_ctl, 0, "CNTP_CTL");
    equal(early.cntkctl, 0, "CNTKCTL");
}

TEST(gic, "the GIC is off, and nothing is enabled, pending or active")
{
    equal(early.gicd_ctlr, 0, "GICD_CTLR");
    equal(early.gicc_ctlr, 0, "GICC_CTLR");
    equal(early.gicc_pmr, 0, "GICC_PMR");
    equal(*gicc(GICC_RPR), 0xff, "GICC_RPR");
    equal(*gicc(GICC_APR), 0, "GICC_APR0");
    for (u32 word = 0; word != INTIDS / 32; ++word) {
        equal(early.enabled[word], word ? 0 : 0xffff, "GICD_ISENABLERn");
        equal(early.pending[word], 0, "GICD_ISPENDRn");
        equal(early.active[word], 0, "GICD_ISACTIVERn");
        equal(early.group[word], 0, "GICD_IGROUPRn");
    }
    for (u32 n = 0; n != INTIDS; ++n)
        equal(early.priority[n], 0, "GICD_IPRIORITYRn");
}

TEST(uart_registers, "the UART is as after reset")
{
    equal(early.uart_imsc, 0, "UARTIMSC");
    equal(early.uart_ibrd, 13, "UARTIBRD, which a loader has set");
    equal(early.uart_cr, 0x301, "UARTCR");
}

TEST(vfp, "VFP is closed, and its registers are 0")
{
    equal(early.fpexc, 0, "FPEXC");
    CHECK(early.vfp_words == 0, "%u words are not 0", early.vfp_words);
    equal(early.fpscr, 0, "FPSCR");
}

TEST(memory, "memory that nothing was loaded to is 0")
{
    for (u32 const *word = (u32 const *)SCRATCH; word != (u32 const *)(RAM_END - MB); ++word)
        CHECK(*word == 0, "%x holds %x", (u32)word, *word);
}

TEST(restart, "a restart leaves nothing of all that")
{
    u32 const now = life();
    CHECK(now < LIVES, "it has started too often");
    if (now == LIVES - 1)
        return;
    for (u32 n = 0; n != 50; ++n) // the neighbour is at work
        yield_to_others();
    *load_register = MARK | (now + 1);
    print("again\n");
    make_a_mess();
    hvc(SYSTEM_RESET, 0, 0, 0);
    fail("SYSTEM_RESET has returned");
}

TEST(survives, "the guest has started as often as it was to")
{
    equal(life(), LIVES - 1, "restarts");
    *load_register = 0;
}

void guest_main(void)
{
    read_early(); // before set_vectors()
    set_vectors();
    run_tests();
}
