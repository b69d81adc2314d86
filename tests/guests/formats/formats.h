// SPDX-License-Identifier: Apache-2.0
// Where the tests of ARMv6's and ARMv7's entries map what they try, and jumps there.
#ifndef FORMATS_H
#define FORMATS_H

#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SECTION_AREA = 0x20200000, LARGE_AREA = 0x20300000, SUPER_AREA = 0x21000000 };
enum { SVC_1 = 0xef000001, BX_LR = 0xe12fff1e };
enum { IFSR_STATUS = 0x40f }; // its other bits are UNKNOWN: QEMU has the domain there

static inline void fill_code(u32 word)
{
    for (u32 n = 0; n != 0x10000 / 4; ++n)
        ((u32 *)SCRATCH)[n] = word;
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 0x10000);
}

/// A jump of each mode. \param status 0, or the fault that both get
static inline void check_jump(u32 va, u32 status)
{
    fill_code(BX_LR);
    equal(probe(kernel_bx, va, 0), status ? PREFETCH_KERNEL : NO_TRAP, "kind of trap of a kernel's jump");
    if (status) {
        equal(trap.r[0], va, "fault address");
        equal(trap.r[1] & IFSR_STATUS, status, "fault status");
        equal(trap.frame.pc, va, "pc");
    }
    fill_code(SVC_1);
    equal(run_user(user_address(user_bx), va, 0), status ? PREFETCH_USER : SVC_USER,
          "kind of trap of a user's jump");
    if (status)
        equal(trap.r[1] & IFSR_STATUS, status, "fault status");
}

#endif
