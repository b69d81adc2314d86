// SPDX-License-Identifier: Apache-2.0
// Random ARM code (encodings: DDI 0406C A5), weighted to what a hypervisor has to look at.
#include "fuzz.h"

static u32 condition(void) { return (once_in(8) ? below(15) : 14) << 28; }
/// r0 to r12 mostly; the destination at that bit.
static u32 reg(u32 at) { return (once_in(10) ? below(16) : below(13)) << at; }
/// n random bits from bit `at` on.
static u32 bits(u32 at, u32 n) { return (rnd() >> (31 - n) & ((1u << n) - 1)) << at; }
static u32 immediate(void) { return once_in(3) ? bits(0, 12) : bits(0, 6); }

static u32 load_store(void)
{
    u32 const common = condition() | reg(16) | reg(12);
    switch (below(6)) {
    case 0: return common | 0x06000000 | bits(20, 5) | (once_in(2) ? 0 : bits(5, 7)) | reg(0);
    case 1: return common | 0x00000090 | bits(20, 5) | (1 + below(3)) << 5 | bits(8, 4) | bits(0, 4);
    case 2:
    case 3: return condition() | 0x08000000 | reg(16) | bits(20, 5) | (once_in(2) ? bits(0, 16) : bits(0, 8));
    default: return common | 0x04000000 | bits(20, 5) | immediate();
    }
}

static u32 data_processing(void)
{
    u32 const form = once_in(3) ? 0x02000000 | bits(0, 12) : (once_in(2) ? 0 : bits(4, 8)) | reg(0);
    u32 const to = once_in(12) ? 0xf000 | 1 << 20 : reg(12); // MOVS pc and its like
    return condition() | form | bits(20, 5) | reg(16) | to;
}

/// crn, opc1, crm, opc2 of what virtual CP15 has, of what is near it, and of what it refuses.
static u32 system_register(void)
{
    static u8 const crns[] = {0, 1, 2, 3, 5, 6, 7, 7, 8, 8, 9, 10, 13, 15};
    u32 const crn = crns[below(sizeof crns)];
    u32 const crm = crn == 7 || crn == 8 ? below(16) : once_in(4) ? below(16) : below(3);
    u32 const opc1 = once_in(8) ? below(8) : 0, opc2 = once_in(3) ? below(8) : below(3);
    return 15 << 8 | crn << 16 | opc1 << 21 | crm | opc2 << 5;
}

u32 coprocessor(void)
{
    static u8 const which[] = {10, 11, 14, 15, 15, 10, 11, 14};
    u32 const number = (once_in(12) ? below(16) : which[below(sizeof which)]) << 8;
    u32 const al = 14u << 28;
    switch (below(8)) {
    case 0: return al | 0x0e000000 | bits(0, 24) | number; // CDP, MCR, MRC of anything
    case 1: return al | 0x0c000000 | bits(20, 5) | reg(16) | bits(0, 8) | reg(12) | number;
    case 2: return al | 0x0c400000 | bits(20, 1) | reg(16) | reg(12) | bits(0, 8) | number; // MCRR, MRRC
    case 3: return al | 0x0ee00a10 | bits(20, 1) | below(11) << 16 | reg(12);               // VMSR, VMRS
    case 4: return al | 0x0e000010 | bits(20, 4) | reg(16) | reg(12) | bits(5, 3) | below(16) | number;
    default: return al | 0x0e000010 | bits(20, 1) | reg(12) | system_register();
    }
}

static u32 vector(void)
{
    switch (below(4)) {
    case 0: return 0xf2000000 | bits(0, 25);
    case 1: return 0xf4000000 | bits(0, 24);
    case 2: return condition() | 0x0c000a00 | bits(20, 5) | reg(16) | bits(12, 4) | below(9) * 2 | bits(8, 1);
    default: return condition() | 0x0e000a00 | bits(0, 24);
    }
}

static u32 system(void)
{
    u32 const c = condition();
    switch (below(14)) {
    case 0: return c | 0x010f0000 | bits(22, 1) | reg(12);
    case 1: return c | 0x0120f000 | bits(22, 1) | bits(16, 4) | reg(0);
    case 2: return c | 0x0320f000 | bits(22, 1) | bits(16, 4) | bits(0, 12);
    case 3: return 0xf1000000 | bits(17, 3) | bits(6, 3) | bits(0, 5);                  // CPS
    case 4: return 0xf1010000 | bits(9, 1);                                             // SETEND
    case 5: return 0xf84d0500 | bits(21, 1) | bits(23, 2) | bits(0, 5);                 // SRS
    case 6: return 0xf8100a00 | bits(21, 1) | bits(23, 2) | reg(16);                    // RFE
    case 7: return 0xf57ff010 | bits(5, 2) | bits(0, 4);                                // CLREX, barriers
    case 8: return c | 0x0320f000 | below(8);                                           // hints
    case 9: return c | 0x01200070 | bits(21, 2) | bits(8, 4) | bits(0, 4);              // BKPT, HVC, SMC
    case 10: return c | 0x012fff20 | reg(0);                                            // BXJ
    case 11: return c | 0x08400000 | bits(23, 2) | bits(20, 2) | reg(16) | bits(0, 16); // LDM ^, STM ^
    case 12: return 0xe7f000f0 | bits(8, 12);                                           // undefined for ever
    default: return c | 0x01000050 | bits(21, 2) | bits(5, 2) | reg(0) | reg(12) | reg(16);
    }
}

static u32 exclusive(void)
{
    if (once_in(3))
        return condition() | 0x01000090 | bits(22, 1) | reg(16) | reg(12) | reg(0); // SWP
    return condition() | 0x01800f90 | bits(20, 3) | reg(16) | reg(12) | (once_in(2) ? 15 : reg(0));
}

static u32 branch(void)
{
    switch (below(8)) {
    case 0: return condition() | 0x012fff10 | bits(5, 1) | reg(0);
    case 1: return condition() | 0x0a000000 | bits(24, 1) | bits(0, 23);
    case 2: return 0xfa000000 | bits(24, 1) | below(64);
    default: return condition() | 0x0a000000 | bits(24, 1) | below(24);
    }
}

static u32 instruction(void)
{
    switch (below(20)) {
    case 0: return rnd();
    case 1: return (rnd() & 0x0fffffff) | 14u << 28;
    case 2: return 0xf0000000 | (rnd() & 0x0fffffff);
    case 3:
    case 4: return data_processing();
    case 5:
    case 6: return coprocessor() & (once_in(16) ? ~0u : 0xefffffff | condition());
    case 7: return vector();
    case 8:
    case 9: return system();
    case 10: return exclusive();
    case 11: return branch();
    case 12: return condition() | 0x0f000000 | bits(0, 4);
    default: return load_store();
    }
}

enum { CALL_WORDS = 9 };

/// Loads r0 to r3 from behind itself and calls; RETURN with r1 as its frame.
static void write_call(u32 *to, u32 const *r)
{
    to[0] = 0xe28fc004; // add r12, pc, #4
    to[1] = 0xe89c000f; // ldm r12, {r0-r3}
    to[2] = 0xea000003; // b over the four words
    for (u32 n = 0; n != 4; ++n)
        to[3 + n] = r[n];
    to[7] = r[0] == VAMBRACE_FUNCTION(RETURN) ? 0xe1a0d001 : 0xe1a00000; // mov sp, r1, or nothing
    to[8] = once_in(16) ? 0xe1400070 : 0xef000000;                       // hvc #0, svc #0
}

/// A call; IDLE behind a TIMER_SET, so that it comes to an end.
static u32 write_calls(u32 *to)
{
    u32 call[4], timer[4], words = 0;
    plausible_call(call);
    if (call[0] == VAMBRACE_FUNCTION(IDLE)) {
        timer_call(timer);
        write_call(to, timer);
        words = CALL_WORDS;
    }
    write_call(to + words, call);
    return words + CALL_WORDS;
}

/// A loop over some of what stands before, which comes to an end unless that changes the register.
static u32 write_loop(u32 *to)
{
    u32 const counter = below(13);
    to[0] = 0xe2500201 | counter << 16 | counter << 12; // subs r, r, #0x10000000
    to[1] = 0x5affffff - 2 - below(8);                  // bpl
    return 2;
}

void write_arm(u32 *to, u32 words)
{
    for (u32 n = 0; n < words;) {
        bool const room = n + 2 * CALL_WORDS <= words;
        if (room && once_in(16))
            n += write_calls(to + n);
        else if (room && n > 12 && once_in(32))
            n += write_loop(to + n);
        else
            to[n++] = instruction();
    }
}
