// SPDX-License-Identifier: Apache-2.0
// Stacks and frames of guest kernel: double faults, fresh pages, address 0.
#include "vectors.h"

static u32 volatile emergency_hits;
static bool count_double_faults(struct trap *t)
{
    if (t->kind == DOUBLE_FAULT)
        ++emergency_hits;
    return false;
}

static void check_double_fault(u32 sp, u32 where, u32 status)
{
    equal(probe_on(sp, kernel_sp, UNMAPPED, 0), DOUBLE_FAULT, "kind of trap");
    equal(trap.r[0], where, "the address that could not be stored to");
    if (status)
        equal(trap.r[1] & 0xf, status, "fault status");
    equal(trap.sp, vectors.emergency_stack - VAMBRACE_FRAME_SIZE, "the emergency frame");
    equal(trap.r[2], trap.sp, "r2");
    equal(trap.frame.sp, sp, "the frame's sp");
    equal(trap.mask, VAMBRACE_IRQS_MASKED, "irq_mask at the entry");
}

TEST(double_fault_unmapped, "a double fault on an unmapped stack goes to the emergency stack")
{
    mmu_on();
    trap_hook = count_double_faults;
    check_double_fault(0x80001000, 0x80001000 - VAMBRACE_FRAME_SIZE, 0x5);
    trap_hook = NULL;
}

TEST(double_fault_read_only, "a double fault on a read-only stack says permission")
{
    mmu_on();
    map_page(l1, 0x20200000, SCRATCH, aps(USER_READ), DOMAIN_USER);
    u32 volatile *const page = (u32 *)SCRATCH;
    for (u32 n = 0; n != 1024; ++n)
        page[n] = 0xa5a5a5a5;
    check_double_fault(0x20200800, 0x20200800 - VAMBRACE_FRAME_SIZE, 0xf);
    for (u32 n = 0; n != 1024; ++n)
        equal(page[n], 0xa5a5a5a5, "a word of the read-only page");
}

TEST(double_fault_half, "a frame that crosses from an unmapped page into a mapped one is a double fault")
{
    mmu_on();
    map_page(l1, 0x20301000, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    check_double_fault(0x20301020, 0x20301020 - VAMBRACE_FRAME_SIZE, 0);
}

TEST(double_fault_reserved, "a stack in the window, in page 0 or at the top is a double fault")
{
    mmu_on();
    u32 const stacks[] = {0xff000100, 0xff000020, 0xff100100, 0xff7ffff8, 0x100, 0x1000, 0x20, 0, 8, 0x48};
    for (u32 n = 0; n != sizeof stacks / sizeof stacks[0]; ++n)
        check_double_fault(stacks[n], (stacks[n] & ~7u) - VAMBRACE_FRAME_SIZE, 0);
}

TEST(stack_in_fresh_page, "a stack in a page that was never touched takes the frame")
{
    mmu_on();
    for (u32 n = 0; n != 4; ++n)
        map_page(l1, 0x20400000 + n * PAGE, SCRATCH + n * PAGE, aps(KERNEL), DOMAIN_KERNEL);
    equal(probe_on(0x20402020, kernel_sp, UNMAPPED, 0), DATA_KERNEL, "kind of trap"); // crosses a page
    equal(trap.sp, 0x20402020 - VAMBRACE_FRAME_SIZE, "the frame's address");
    equal(trap.frame.sp, 0x20402020, "the frame's sp");
    flush(l1, 0x20400000, 4 * PAGE);
    equal(probe_on(0x20403000, kernel_sp, UNMAPPED, 0), DATA_KERNEL, "kind of trap");
}

TEST_ON(ARMV7, frame_at_0, "a frame of guest kernel may lie at address 0, one of guest user may not")
{
    mmu_on();
    map_page(l1, 0, SCRATCH, aps(KERNEL), DOMAIN_USER);
    map_page(l1, 0xfffff000, SCRATCH + PAGE, aps(KERNEL), DOMAIN_USER); // for what is below the frame
    for (u32 n = 0; n != 2; ++n) { // the second one meets the address that RETURN has checked
        equal(probe_on(VAMBRACE_FRAME_SIZE, kernel_sp, UNMAPPED, 0), DATA_KERNEL, "kind of trap");
        equal(trap.sp, 0, "the frame's address");
    }
    *(struct vambrace_frame *)SCRATCH = good_user_frame();
    equal((u32)resume(NULL), (u32)VAMBRACE_INVALID_ADDRESS, "RETURN to guest user");
    struct vambrace_vectors v = vectors;
    v.user_frame = 0;
    set(&v, VAMBRACE_INVALID_PARAMETERS, "SET_VECTORS with a user frame at 0");
    unmap_section(l1, 0);
    flush(l1, 0, MB);
}

TEST(retry_is_invisible, "guest user goes on unharmed through the first touch of every page")
{
    mmu_on();
    flush_all();
    equal(run_user(user_address(user_loop), 0, 100000), SVC_USER, "kind of trap");
    equal(trap.frame.r[2], 100000, "the loop's counter");
}
