// SPDX-License-Identifier: Apache-2.0
// What docs/guest-machine.md says of the processor's registers.
#include "cp15.h"

TEST(identity, "MIDR is a Cortex-A15's or A7's, MPIDR a uniprocessor's")
{
    u32 const part = MRC(0, 0, 0, 0) >> 4 & 0xfff;
    CHECK(part == 0xc0f || part == 0xc07, "MIDR's part is %x", part);
    equal(MRC(0, 0, 0, 5), 0x80000000, "MPIDR");
}

TEST(features, "the features that a guest has not got do not show")
{
    equal(MRC(0, 0, 1, 0) >> 8 & 0xf, 0, "ID_PFR0: Jazelle");
    equal(MRC(0, 0, 1, 1) >> 12 & 0xf, 0, "ID_PFR1: virtualization");
    equal(MRC(0, 0, 1, 2), 0, "ID_DFR0");
}

TEST(ignored, "ACTLR and L2CTLR read as they did, whatever is written")
{
    u32 const actlr = MRC(0, 1, 0, 1), l2ctlr = MRC(1, 9, 0, 2);
    MCR(0, 1, 0, 1, ~actlr);
    MCR(1, 9, 0, 2, ~l2ctlr);
    equal(MRC(0, 1, 0, 1), actlr, "ACTLR");
    equal(MRC(1, 9, 0, 2), l2ctlr, "L2CTLR");
    equal(l2ctlr >> 24 & 3, 0, "L2CTLR: cores but the first");
}

TEST(monitors, "performance monitors read zero and ignore writes; PMCCNTR counts")
{
    MCR(0, 9, 12, 0, ~0u);
    equal(MRC(0, 9, 12, 0), 0, "PMCR");
    MCR(0, 9, 12, 1, ~0u);
    equal(MRC(0, 9, 12, 1), 0, "PMCNTENSET");
    MCR(0, 9, 14, 0, 1);
    equal(MRC(0, 9, 14, 0), 0, "PMUSERENR");
    MCR(0, 9, 14, 1, ~0u);
    equal(MRC(0, 9, 14, 1), 0, "PMINTENSET");
    u32 const before = (u32)cntvct(), cycles = MRC(0, 9, 13, 0), after = (u32)cntvct();
    CHECK(cycles - before <= after - before, "PMCCNTR is not the virtual count");
}

TEST(thumbee, "ThumbEE's registers begin with zero and are the guest's")
{
    equal(read_teecr() | read_teehbr(), 0, "TEECR or TEEHBR");
    write_teehbr(0x12345678);
    yield_to_others();
    equal(read_teehbr(), 0x12345678, "TEEHBR");
    write_teehbr(0);
}

TEST(debug, "debug and Jazelle read zero and ignore writes")
{
    write_cp14();
    equal(read_cp14(), 0, "all of them, or-ed");
}

TEST(c15, "CP15 c15 reads zero and ignores writes")
{
    MCR(0, 15, 0, 0, ~0u);
    equal(MRC(0, 15, 0, 0), 0, "c15, c0, 0");
    MCR(1, 15, 3, 0, ~0u);
    equal(MRC(1, 15, 3, 0), 0, "c15, c3, 0");
    equal(MRC(4, 15, 0, 0), 0, "CBAR");
}

TEST(hyp_registers, "HYP mode's and Secure state's registers are undefined")
{
    equal(probe(read_hcr, 0, 0), UNDEFINED, "HCR");
    equal(probe(write_hcr, 0, 0), UNDEFINED, "a write of HCR");
    equal(probe(read_vttbr, 0, 0), UNDEFINED, "VTTBR");
    equal(probe(read_vpidr, 0, 0), UNDEFINED, "VPIDR");
    equal(probe(read_scr, 0, 0), UNDEFINED, "SCR");
    equal(probe(write_mvbar, 0, 0), UNDEFINED, "a write of MVBAR");
    equal(probe(write_cntvoff, 0, 0), UNDEFINED, "a write of CNTVOFF");
    equal(probe(tlbi_all_guests, 0, 0), UNDEFINED, "TLBIALLNSNH");
}

TEST(no_hyp_mode, "no write of CPSR or SPSR leads into HYP or Monitor mode")
{
    static u32 const modes[] = {0x1a, 0x16, 0x00, 0x14, 0x18};
    for (u32 n = 0; n != 5; ++n) {
        catch_traps();
        u32 const by_msr = mode_by_msr(modes[n], 0), by_return = mode_by_return(modes[n], 0);
        release_traps();
        CHECK(by_msr != modes[n], "MSR leads to mode %x", by_msr);
        CHECK(by_return != modes[n], "an exception's return leads to mode %x", by_return);
    }
}

static u32 user_banked(u32 a, u32 b)
{
    (void)a, (void)b;
    u32 value;
    __asm__ volatile(".arch_extension virt\n mrs %0, sp_svc" : "=r"(value));
    return value;
}

TEST(banked, "banked registers are read and written by name, not by user mode")
{
    write_banked(0x12345670);
    equal(read_banked(), 0x12345670, "SP_fiq, LR_und, LR_fiq and r9_fiq, and-ed");
    catch_traps();
    call_user(user_banked, 0, 0);
    release_traps();
    equal(trap.kind, UNDEFINED, "kind of trap in user mode");
}

TEST(bxj, "BXJ is BX") { equal(by_bxj(0x11, 0x22), 0x33, "what Thumb code has added"); }

TEST(no_state, "MRC to the flags of a register that traps changes the flags alone")
{
    equal(flags_of_pmcr(0xf0000000, 0) >> 28, 0, "the flags of PMCR");
}
