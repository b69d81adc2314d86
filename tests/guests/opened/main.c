// SPDX-License-Identifier: Apache-2.0
// What a loader has left open to USR mode is closed when a guest runs.
// loader: opens_all
#include "guest.h"

enum { CODE = 0x20100000, SVC_1 = 0xef000001, BX_LR = 0xe12fff1e, MARK = 0x6d61726b };

struct instruction {
    u32 word;
    char const *name;
};

static struct instruction const vfp[] = {
    {0xeef11a10, "FMRX r1, FPSCR"},       {0xeee11a10, "FMXR FPSCR, r1"}, {0xee300a00, "FADDS s0, s0, s0"},
    {0xee300b00, "FADDD d0, d0, d0"},     {0xed900a00, "FLDS s0, [r0]"},  {0xed800b00, "FSTD d0, [r0]"},
    {0xec900b04, "FLDMIAD r0, {d0, d1}"}, {0xee101a10, "FMRS r1, s0"},    {0xec521b10, "FMRRD r1, r2, d0"},
    {0xeef81a10, "FMRX r1, FPEXC"},
};

static struct instruction const jazelle[] = {
    {0xeef01e10, "MRC of JIDR"},
    {0xeee01e10, "MCR to JIDR"},
    {0xeef11e10, "MRC of JOSCR"},
    {0xeee11e10, "MCR to JOSCR"},
    {0xeef21e10, "MRC of JMCR"},
    {0xeee21e10, "MCR to JMCR"},
    {0xeee31e10, "MCR to Jazelle's parameters"},
};

static struct instruction const counters[] = {
    {0xee191f1d, "MRC of PMCCNTR"},  {0xee191f1c, "MRC of PMCR"},     {0xeed11e10, "MRC of TEEHBR"},
    {0xec521f0e, "MRRC of CNTPCT"},  {0xec521f1e, "MRRC of CNTVCT"},  {0xee1e1f10, "MRC of CNTFRQ"},
    {0xee1e1f33, "MRC of CNTV_CTL"}, {0xee0e1f32, "MCR to CNTP_CTL"}, {0xee0e1f13, "MCR to CNTV_TVAL"},
};

static void write_code(u32 word, u32 behind)
{
    u32 *const code = (u32 *)SCRATCH;
    code[0] = word;
    code[1] = behind;
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 8);
}

static void check_user(struct instruction const *all, u32 count)
{
    mmu_on();
    map_page(l1, CODE, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != count; ++n) {
        write_code(all[n].word, SVC_1);
        u32 const kind = run_user(CODE, USER_DATA, MARK);
        CHECK(kind == UNDEFINED_USER, "%s gives trap %u, r1 %x", all[n].name, kind, trap.frame.r[1]);
    }
}
#define CHECK_USER(all) check_user(all, sizeof all / sizeof all[0])

TEST(user_vfp, "guest user finds VFP closed, though a loader had opened it") { CHECK_USER(vfp); }

TEST(kernel_vfp, "guest kernel finds VFP closed, though a loader had opened it")
{
    mmu_on();
    for (u32 n = 2; n != 4; ++n) {
        write_code(vfp[n].word, BX_LR);
        equal(probe((operation *)SCRATCH, USER_DATA, MARK), UNDEFINED_KERNEL, vfp[n].name);
    }
}

TEST(user_jazelle, "guest user finds Jazelle's registers closed, though a loader had opened them")
{
    CHECK_USER(jazelle);
}

TEST_ON(ARMV7, user_counters,
        "guest user finds counters, ThumbEE and the generic timer closed, though a loader had opened them")
{
    CHECK_USER(counters);
}
