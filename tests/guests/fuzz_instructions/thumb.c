// SPDX-License-Identifier: Apache-2.0
// Random Thumb code (encodings: DDI 0406C A6); words of Thumb-2 among it on every core.
#include "fuzz.h"

static u32 halfword(void)
{
    u32 const low = rnd();
    switch (below(12)) {
    case 0: return low;
    case 1: return 0x4000 | (low & 0x7ff);             // data processing, high registers, BX, BLX
    case 2: return 0x4700 | (low & 0xf8);              // BX, BLX
    case 3: return 0xb000 | (low & 0xfff);             // PUSH, POP, CPS, SETEND, BKPT, IT, hints
    case 4: return 0xc000 | (low & 0xfff);             // LDM, STM
    case 5: return 0xd000 | (low & 0xf00) | below(12); // B<c> forwards, UDF, SVC
    case 6: return 0xdf00 | (low & 0xff);
    case 7: return 0xe000 | below(12);
    case 8: return low & 0x3fff;           // shifts, additions, moves
    default: return 0x5000 + low % 0x5000; // loads and stores
    }
}

/// The first halfword is the high one.
static u32 wide(void)
{
    u32 const low = rnd();
    switch (below(8)) {
    case 0: return 0xe8000000 + (low & 0x07ffffff) + (low & 0x18000000) % 0x18000000;
    case 1: return 0xe8000000 | (low & 0x03ffffff); // LDM, STM, RFE, SRS, exclusives, LDRD
    case 2: return 0xf8000000 | (low & 0x01ffffff); // loads and stores
    case 3: return 0xf3808000 | (low & 0x007f2fff); // MSR, MRS, CPS, hints, barriers, SMC
    case 4: return 0xf0008000 | (low & 0x07ff7fff); // branches and control
    default: return coprocessor() | (once_in(8) ? 1u << 28 : 0);
    }
}

void write_thumb(u16 *to, u32 halfwords)
{
    for (u32 n = 0; n < halfwords;) {
        if (once_in(4) && n + 2 <= halfwords) {
            u32 const word = wide();
            to[n++] = (u16)(word >> 16);
            to[n++] = (u16)word;
        } else {
            to[n++] = (u16)halfword();
        }
    }
}
