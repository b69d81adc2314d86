// SPDX-License-Identifier: Apache-2.0
// Traps with a stack pointer that must not be stored through.
// hostile: ends by itself
#include "guest.h"

static u32 const stacks[] = {
    0xff000000,
    0xff000048,
    0xff000100,
    0xff001000,
    0xff001100,
    0xff002000,
    0xff0fff00,
    0xff100000,
    0xff100048,
    0xff110000,
    0xff110100,
    0xff118000,
    0xff180000,
    0xff1fff00,
    0xff200000,
    0xff200100,
    0xff300000,
    0xff300100,
    0xff400000,
    0xff404000,
    0xff7ffff8,
    0xff800000,
    0xff800040,
    0,
    4,
    8,
    0x40,
    0x48,
    0x100,
    0xff8,
    0x1000,
    0x1020,
    0x1047,
    0xfffffff8,
    0xfffffff9,
    0xfffffffc,
    0x80000000,
    0x80000100,
    0x7ffffff8,
    RAM_END + 0x48,
    RAM_END + 0x1000,
    RAM,
    RAM + 0x20,
    0x101f1100,
    VAMBRACE_PL011_IPA + 0x100,
    VAMBRACE_PL011_IPA + 0x48,
};
enum { STACKS = sizeof stacks / sizeof stacks[0] };

static bool stack_is_ours(u32 sp)
{
    u32 const at = (sp & ~7u) - VAMBRACE_FRAME_SIZE;
    return at >= RAM && at + VAMBRACE_FRAME_SIZE <= RAM_END;
}

static void try_stacks(operation *op, u32 address)
{
    u32 const mask = shared()->irq_mask;
    for (u32 n = 0; n != STACKS; ++n) {
        if (stack_is_ours(stacks[n]))
            continue;
        u32 const kind = probe_on(stacks[n], op, address, 0);
        CHECK(kind == DOUBLE_FAULT, "sp %x gives trap %u", stacks[n], kind);
        equal(trap.frame.sp, stacks[n], "the frame's sp");
    }
    equal(shared()->irq_mask, mask, "irq_mask");
}

static void undefined(u32 address, u32 value)
{
    (void)address, (void)value;
    __asm__ volatile(".word 0xe7f000f0");
}

TEST(mmu_off_stacks, "no trap stores through a stack that is not the guest's (MMU off)")
{
    try_stacks(kernel_ldr, 0x70000000);
    try_stacks(kernel_bx, 0x70000000);
}

TEST(mmu_on_stacks, "no trap stores through a stack that is not the guest's (MMU on)")
{
    mmu_on();
    try_stacks(kernel_ldr, 0x70000000);
    try_stacks(kernel_bx, 0x70000000);
    try_stacks(undefined, 0);
}

TEST(mapped_reserved, "nor if the guest's tables map the window and page 0")
{
    mmu_on();
    for (u32 megabyte = 0; megabyte != 8; ++megabyte)
        map_section(l1, VAMBRACE_WINDOW_BASE + megabyte * MB, SCRATCH, USER_WRITE, DOMAIN_USER);
    map_page(l1, 0, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    flush_all();
    u32 const reserved[] = {0xff000100, 0xff100100, 0xff110100, 0xff400100, 0xff7ffff8, 0xff000020,
                            0xff800020, 0x100,      0x1000,     0x1020,     0x48};
    for (u32 n = 0; n != sizeof reserved / 4 - (PAGE_0_RESERVED ? 0 : 4); ++n) {
        equal(probe_on(reserved[n], kernel_ldr, 0x70000000, 0), DOUBLE_FAULT, "kind of trap");
        equal((u32)resume((struct vambrace_frame *)((reserved[n] & ~7u) - VAMBRACE_FRAME_SIZE)),
              (u32)VAMBRACE_INVALID_ADDRESS, "RETURN");
    }
    for (u32 megabyte = 0; megabyte != 8; ++megabyte)
        unmap_section(l1, VAMBRACE_WINDOW_BASE + megabyte * MB);
    unmap_section(l1, 0);
    flush_all();
}

TEST(interrupts, "an interrupt with a stack in the window does not reach it")
{
    mmu_on();
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    for (u32 n = 0; n != STACKS; ++n) {
        if (stack_is_ours(stacks[n]))
            continue;
        CALL2(TIMER_SET, 0xffffffff, 0xffffffff);
        shared()->irq_pending = 1;
        shared()->irq_mask = 0;
        u32 const kind = probe_on(stacks[n], kernel_ldr, 0x70000000, 0);
        shared()->irq_mask = VAMBRACE_IRQ_MASKED;
        shared()->irq_pending = 0;
        CHECK(kind == DOUBLE_FAULT, "sp %x gives trap %u", stacks[n], kind);
    }
}

static void resume_at(u32 address, u32 value)
{
    (void)value;
    (void)resume((struct vambrace_frame *)address);
}

TEST(user_frame_read_only,
     "a frame for guest user in a page that nobody may write is a double fault at its trap")
{
    mmu_on();
    enum { FRAMES = 0x20100000 };
    map_page(l1, FRAMES, SCRATCH, aps(USER_READ), DOMAIN_USER);
    flush(l1, FRAMES, PAGE);
    *(struct vambrace_frame *)(SCRATCH + 0x800) = (struct vambrace_frame) {
        .pc = user_address(user_nothing), .sp = USER_STACK_END, .psr = VAMBRACE_PSR_USER};
    // probe() takes the double fault, which is a trap of the kernel's
    equal(probe(resume_at, FRAMES + 0x800, 0), DOUBLE_FAULT, "kind of trap");
    equal(trap.frame.psr & 0x1f, VAMBRACE_PSR_USER, "the frame's mode");
}

TEST(user_sp, "guest user's sp may be anything")
{
    mmu_on();
    for (u32 n = 0; n != STACKS; ++n) {
        struct vambrace_frame f = {
            .pc = user_address(user_nothing), .sp = stacks[n], .psr = VAMBRACE_PSR_USER};
        equal(run_user_frame(&f), SVC_USER, "kind of trap");
        equal(trap.frame.sp, stacks[n], "sp");
    }
}
