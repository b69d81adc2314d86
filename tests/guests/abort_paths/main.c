// SPDX-License-Identifier: Apache-2.0
// A fault of guest user takes a short way to its kernel where the hypervisor is certain of it, and a long way
// otherwise: the kernel must not see which. Where the linear map does not show the page tables every fault
// goes the long way; under QEMU's -icount a nanosecond is an instruction: the time says which way it was.
// icount: 0
#include "guest.h"

enum {
    PLACE = 0x20500000,
    READ_ONLY = PLACE + PAGE,
    HOLE = PLACE + 5 * PAGE, // in a table with pages of guest user
    NO_TABLE = 0x30000000,
    TIMES = 100,
};

/// All that a kernel can know of a fault.
struct seen {
    u32 kind, address, status, at, sp, mask, far, dfsr, ifsr;
    struct vambrace_frame frame;
};

static struct seen look(struct vambrace_frame const *frame)
{
    u32 const kind = run_user_frame(frame);
    return (struct seen) {kind,      trap.r[0],          trap.r[1],          trap.r[2],          trap.sp,
                          trap.mask, CP15_READ(6, 0, 0), CP15_READ(5, 0, 0), CP15_READ(5, 0, 1), trap.frame};
}

static void use_linear_map(bool on)
{
    u32 const from = on ? 0 : SCRATCH - RAM; // without the page tables
    equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA + from, RAM + from, on ? RAM_SIZE : MB), 0, "SET_LINEAR_MAP");
    (void)run_user(user_address(user_ldr), READ_ONLY, 0); // the shadow has the page from now on
}

/// The last of many, and what one took.
static struct seen look_often(struct vambrace_frame const *frame, u32 *cost)
{
    struct seen last = look(frame);
    u64 const before = time_ns();
    for (u32 n = 0; n != TIMES; ++n)
        last = look(frame);
    *cost = (u32)(time_ns() - before) / TIMES;
    return last;
}

static void compare(void const *op, u32 address, u32 kind, char const *what)
{
    u32 const flags[] = {0, 0x90000000, 0x60000000};
    for (u32 n = 0; n != sizeof flags / sizeof *flags; ++n) {
        struct vambrace_frame frame = {.r = {address},
                                       .sp = USER_STACK_END - 4 * n,
                                       .lr = 0x77777770 + n,
                                       .pc = user_address(op),
                                       .psr = VAMBRACE_PSR_USER | flags[n]};
        for (u32 m = 1; m != 13; ++m)
            frame.r[m] = 0x11111111 * m + n;
        u32 quick, slow;
        use_linear_map(true);
        struct seen const a = look_often(&frame, &quick);
        use_linear_map(false);
        struct seen const b = look_often(&frame, &slow);
        equal(a.kind, kind, what);
        u32 const *const left = (u32 const *)&a, *const right = (u32 const *)&b;
        for (u32 w = 0; w != sizeof a / 4; ++w)
            CHECK(left[w] == right[w], "%s: word %u is %x the short way, %x the long way", what, w, left[w],
                  right[w]);
        print("%s: %u and %u instructions\n", what, quick, slow);
        CHECK(quick + 100 < slow, "%s: the same way twice, %u and %u instructions", what, quick, slow);
    }
}

TEST(same, "a fault's frame, registers and CP15 are the same whichever way it takes to the kernel")
{
    mmu_on();
    map_page(l1, PLACE, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, READ_ONLY, SCRATCH + PAGE, aps(USER_READ), DOMAIN_USER);
    compare(user_ldr, HOLE, DATA_USER, "a load where no page is");
    compare(user_str, HOLE, DATA_USER, "a store where no page is");
    compare(user_ldr, NO_TABLE, DATA_USER, "a load where no table is");
    compare(user_str, READ_ONLY, DATA_USER, "a store to a page that is read only");
    compare(user_bx, HOLE, PREFETCH_USER, "a jump to where no page is");
    compare(user_bx, NO_TABLE, PREFETCH_USER, "a jump to where no table is");
}
