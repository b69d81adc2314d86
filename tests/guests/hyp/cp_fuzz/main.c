// SPDX-License-Identifier: Apache-2.0
// Every encoding of MRC, MCR, MRRC and MCRR of CP14 and CP15, from the kernel and from user mode: each does
// something that is defined, or is undefined. What can be read is written back; what cannot gets an address.
// hostile: ends by itself
#include "hyp.h"

enum { MRC_ = 0xee100010, MCR_ = 0xee000010, MRRC_ = 0xec510000, MCRR_ = 0xec410000, BX_LR = 0xe12fff1e };
static u32 *const code = (u32 *)SCRATCH; // two words for each instruction
static u32 done, undefined;

static void emit(u32 n, u32 instruction)
{
    code[2 * n] = instruction;
    code[2 * n + 1] = BX_LR;
}
static access_fn *at(u32 n) { return (access_fn *)(code + 2 * n); }
static void synchronize(void)
{
    dsb();
    MCR(0, 7, 5, 0, 0);
    dsb();
}

static u32 user_target;
static u32 as_user(u32 a, u32 b) { return call_user((access_fn *)user_target, a, b); }

/// \returns whether it was done
static bool attempt(u32 n, bool user, u32 a, u32 b)
{
    user_target = (u32)at(n);
    u32 const kind = user ? probe(as_user, a, b) : probe(at(n), a, b);
    if (kind != NO_TRAP && kind != UNDEFINED)
        fail("%x gives trap %u", code[2 * n], kind);
    if (kind == UNDEFINED)
        ++undefined;
    else
        ++done;
    return kind == NO_TRAP;
}

/// QEMU has DACR under every name that has its CRn, and the TLB's lockdown under any opc1.
static bool is_of_hyp(u32 opc1, u32 crn, u32 crm)
{
    bool const wild = crn == 3 || (crn == 10 && (crm < 2 || crm == 4 || crm == 8));
    return (opc1 == 4 || opc1 == 6) && crn != 15 && !wild;
}

/// All of one coprocessor, opc1 and CRn: each is read, and what was read written back.
static void row(u32 coprocessor, u32 opc1, u32 crn, bool user)
{
    u32 const fixed = opc1 << 21 | crn << 16 | coprocessor << 8;
    for (u32 n = 0; n != 128; ++n) {
        u32 const rest = fixed | (n & 7) << 5 | n >> 3;
        emit(2 * n, MRC_ | rest);
        emit(2 * n + 1, MCR_ | rest);
    }
    synchronize();
    for (u32 n = 0; n != 128 && !failed(); ++n) {
        bool const read = attempt(2 * n, user, 0, 0);
        u32 const value = read ? probed : SCRATCH + 0x100000;
        bool const wrote = attempt(2 * n + 1, user, value, 0);
        bool const of_hyp = coprocessor == 15 && is_of_hyp(opc1, crn, n >> 3);
        CHECK(!of_hyp || !(read || wrote), "%x is done", code[4 * n]);
    }
}

static void all_of(u32 coprocessor, bool user)
{
    done = undefined = 0;
    u32 const sctlr_before = sctlr(), ttbr = MRC(0, 2, 0, 0);
    for (u32 opc1 = 0; opc1 != 8; ++opc1)
        for (u32 crn = 0; crn != 16 && !failed(); ++crn)
            row(coprocessor, opc1, crn, user);
    equal(sctlr(), sctlr_before, "SCTLR afterwards");
    equal(MRC(0, 2, 0, 0), ttbr, "TTBR0 afterwards");
    equal(done + undefined, 2 * 16384, "instructions");
    CHECK(done && undefined > done, "%u done, %u undefined", done, undefined);
}

TEST(cp15, "every MRC and MCR of CP15 from the kernel is defined; those of HYP mode are undefined")
{
    all_of(15, false);
}
TEST(cp14, "every MRC and MCR of CP14 from the kernel is defined") { all_of(14, false); }
TEST(user_cp15, "every MRC and MCR of CP15 from user mode is defined") { all_of(15, true); }
TEST(user_cp14, "every MRC and MCR of CP14 from user mode is defined") { all_of(14, true); }

TEST(pairs, "every MRRC and MCRR of both from both modes is defined")
{
    for (u32 user = 0; user != 2; ++user)
        for (u32 coprocessor = 14; coprocessor != 16; ++coprocessor)
            for (u32 n = 0; n != 256 && !failed(); ++n) {
                u32 const rest = coprocessor << 8 | n;
                bool const is_ttbr = coprocessor == 15 && (n == 0x02 || n == 0x12); // 64 bits would come back
                emit(0, MRRC_ | rest);
                emit(1, MCRR_ | rest);
                synchronize();
                attempt(0, user, 0, 0);
                if (!is_ttbr)
                    attempt(1, user, 0, 0);
            }
}
