// SPDX-License-Identifier: Apache-2.0
// Thumb-2 code of guest user: IT blocks across every kind of trap, instructions of 32 bits.
// for: armv7
// native: yes
#include "thumb2.h"

TEST(svc, "a system call in an IT block goes on in the block")
{
    mmu_on();
    equal(run_thumb(user_it_svc, 0), SVC_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_it_svc_at) + 2, "pc");
    equal(trap.frame.psr & (IT_BITS | THUMB), IT_THIRD | THUMB, "IT and T of the frame");
    go_on();
    check_rest();
}

TEST(undefined, "an undefined instruction in an IT block gives its IT state, and RETURN takes another")
{
    mmu_on();
    equal(run_thumb(user_it_undefined, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_it_undefined_at), "pc");
    equal(trap.frame.psr & (IT_BITS | THUMB), IT_SECOND | THUMB, "IT and T of the frame");
    trap.frame.pc += 2; // as a kernel that has emulated it
    trap.frame.psr = (trap.frame.psr & ~(u32)IT_BITS) | IT_THIRD;
    go_on();
    check_rest();
}

static void touch_and_repair(void const *code, u32 kind, u32 address, u32 bits)
{
    unmap_page(l1, AREA);
    flush(l1, AREA, PAGE);
    equal(run_thumb(code, address), kind, "kind of trap");
    equal(trap.r[0], address, "fault address");
    equal(trap.frame.psr & IT_BITS, bits, "IT of the frame");
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    go_on();
}

TEST(data_abort, "a data abort in an IT block is repaired, and the block goes on with the load")
{
    mmu_on();
    *(u32 volatile *)SCRATCH = 0x10ad10ad;
    touch_and_repair(user_it_load, DATA_USER, AREA, IT_SECOND);
    check_rest();
    equal(trap.frame.r[5], 0x10ad10ad, "what was loaded");
    touch_and_repair(user_it_store, DATA_USER, AREA, IT_SECOND);
    check_rest();
    equal(*(u32 volatile *)SCRATCH, AREA, "what was stored");
}

TEST(hidden_fill, "a fault that the guest does not see leaves an IT block alone")
{
    mmu_on();
    *(u32 volatile *)SCRATCH = 0x10ad10ad;
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 16; ++n) {
        flush_all();
        run_thumb(n & 1 ? user_it_store : user_it_load, AREA);
        check_rest();
    }
}

TEST(not_taken, "a load that its IT block leaves out touches nothing")
{
    mmu_on();
    equal(run_thumb(user_it_false_load, 0x70000000), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 4, "r4, set behind the block");
}

TEST(prefetch_abort, "a prefetch abort in an IT block keeps the block's state")
{
    mmu_on();
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    u32 const length = (u32)(user_wide_end - user_it_jump);
    u32 const start = SCRATCH + PAGE - 6; // CMP and IT, and an instruction, before the page's end
    for (u32 n = 0; n < length; n += 2)
        *(u16 *)(start + n) = *(u16 *)((u32)user_it_jump + n);
    for (u32 n = 0; n < length; n += 2) // the same bytes across two frames that are not neighbours
        if (n >= 6)
            *(u16 *)(SCRATCH + 4 * PAGE + n - 6) = *(u16 *)((u32)user_it_jump + n);
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 8 * PAGE);
    unmap_page(l1, AREA + PAGE);
    flush(l1, AREA, 2 * PAGE);
    struct vambrace_frame f = thumb_frame(user_it_jump, 0);
    f.pc = AREA + PAGE - 6;
    equal(run_user_frame(&f), PREFETCH_USER, "kind of trap");
    equal(trap.r[0], AREA + PAGE, "fault address");
    equal(trap.frame.pc, AREA + PAGE, "pc");
    equal(trap.frame.psr & IT_BITS, IT_SECOND, "IT of the frame");
    map_page(l1, AREA + PAGE, SCRATCH + 4 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    go_on();
    check_rest();
}

/// A 32-bit instruction that begins in the last two bytes of AREA's page: MOVW r1, #0x1234, then SVC.
static void write_crossing(void)
{
    *(u16 *)(SCRATCH + PAGE - 2) = 0xf241;
    *(u16 *)(SCRATCH + 4 * PAGE) = 0x2134;
    *(u16 *)(SCRATCH + 4 * PAGE + 2) = 0xdf01;
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 8 * PAGE);
}

TEST(crossing, "an instruction whose second half is in another page faults there, and then runs")
{
    mmu_on();
    write_crossing();
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    unmap_page(l1, AREA + PAGE);
    flush(l1, AREA, 2 * PAGE);
    struct vambrace_frame f = thumb_frame(user_wide, 0);
    f.pc = AREA + PAGE - 2;
    equal(run_user_frame(&f), PREFETCH_USER, "kind of trap");
    equal(trap.r[0], AREA + PAGE, "fault address");
    equal(trap.frame.pc, AREA + PAGE - 2, "pc");
    map_page(l1, AREA + PAGE, SCRATCH + 4 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    equal(go_on(), SVC_USER, "kind of trap");
    equal(trap.frame.r[1], 0x1234, "r1");
}

TEST(crossing_hidden, "an instruction on two pages that are mapped runs, whichever of them is filled first")
{
    mmu_on();
    write_crossing();
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, AREA + PAGE, SCRATCH + 4 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 4; ++n) {
        flush_all();
        if (n & 1)
            (void)*(u32 volatile *)AREA;
        if (n & 2)
            (void)*(u32 volatile *)(AREA + PAGE);
        struct vambrace_frame f = thumb_frame(user_wide, 0);
        f.pc = AREA + PAGE - 2;
        equal(run_user_frame(&f), SVC_USER, "kind of trap");
        equal(trap.frame.r[1], 0x1234, "r1");
    }
}

TEST(wide_undefined, "an undefined instruction of 32 bits gives its own address")
{
    mmu_on();
    equal(run_thumb(user_wide_undefined, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_wide_undefined), "pc");
    equal(trap.frame.psr & (IT_BITS | THUMB), THUMB, "IT and T of the frame");
}
