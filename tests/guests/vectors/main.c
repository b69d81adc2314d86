// SPDX-License-Identifier: Apache-2.0
// SET_VECTORS, and what a trap of each kind gives to the guest kernel.
#include "vectors.h"

TEST(bad_entries_are_refused,
     "SET_VECTORS refuses entries and stacks that are the hypervisor's or misaligned")
{
    u32 const bad[] = {1, 2, 3, 0x40008001, 0xff000000, 0xff000004, 0xff100000, 0xff7ffffc, 0, 4, 0xffc};
    u32 const count = sizeof bad / sizeof bad[0] - (PAGE_0_RESERVED ? 0 : 3);
    for (u32 word = 0; word != 9; ++word) {
        for (u32 n = 0; n != count; ++n) {
            struct vambrace_vectors v = vectors;
            ((u32 *)&v)[word] = bad[n];
            set(&v, VAMBRACE_INVALID_PARAMETERS, "SET_VECTORS with a bad entry");
        }
    }
    u32 const bad_stacks[] = {4, 0x1004, 0x40010004, 0xff000008, 0xff800000, 0xff7ffff8, 8, 64};
    u32 const stacks = sizeof bad_stacks / sizeof bad_stacks[0];
    for (u32 n = 0; n != stacks; ++n) {
        struct vambrace_vectors v = vectors;
        v.emergency_stack = bad_stacks[n];
        set(&v, VAMBRACE_INVALID_PARAMETERS, "SET_VECTORS with a bad emergency stack");
        v = vectors;
        v.user_frame = bad_stacks[n] - VAMBRACE_FRAME_SIZE;
        set(&v, VAMBRACE_INVALID_PARAMETERS, "SET_VECTORS with a bad user frame");
    }
}

TEST(bad_addresses_are_refused, "SET_VECTORS refuses a structure that cannot be read")
{
    u32 const bad[] = {0,          0x10,       0xffc,      0x40010001,  0x40010002,
                       0xff000000, 0xfeffffe0, 0xff100000, 0xff7ffff0,  0xffffffe0,
                       0xfffffffc, 0x80000000, RAM_END,    RAM_END - 8, RAM - 8};
    for (u32 n = 0; n != sizeof bad / sizeof bad[0]; ++n)
        equal((u32)CALL1(SET_VECTORS, bad[n]), (u32)VAMBRACE_INVALID_ADDRESS, "SET_VECTORS of a bad address");
}

TEST(a_refused_call_changes_nothing, "a refused SET_VECTORS leaves the old entry points in force")
{
    struct vambrace_vectors v = vectors;
    v.undefined_kernel = 0x12345678;
    v.irq_kernel = 1;
    set(&v, VAMBRACE_INVALID_PARAMETERS, "SET_VECTORS");
    equal(probe(kernel_known_undefined, 0, 0), UNDEFINED_KERNEL, "kind of trap");
}

static void check_registers(u32 pc, u32 mode)
{
    struct vambrace_frame const *f = &trap.frame;
    for (u32 n = 0; n != 13; ++n)
        equal(f->r[n], 0x1000 + n, "a register in the frame");
    equal(f->orig_r0, 0x1000, "orig_r0");
    equal(f->lr, 0x100e, "lr");
    equal(f->pc, pc, "pc");
    equal(f->psr & (FLAGS | THUMB | 0x1f), N_AND_C | mode, "psr");
    equal(trap.sp & 7, 0, "the frame's alignment");
}

static void check_kernel_trap(operation *op, u32 kind, u32 pc)
{
    equal(probe(op, 0, 0), kind, "kind of trap");
    if (kind != PREFETCH_KERNEL)
        check_registers(pc, VAMBRACE_PSR_KERNEL);
    equal(trap.frame.pc, pc, "pc");
    equal(trap.frame.psr & VAMBRACE_IRQ_MASKED, VAMBRACE_IRQ_MASKED, "psr.I");
    equal(trap.mask & VAMBRACE_IRQ_MASKED, VAMBRACE_IRQ_MASKED, "irq_mask at the entry");
    equal(trap.sp + VAMBRACE_FRAME_SIZE, trap.frame.sp & ~7u, "the frame's end");
}

static void check_kernel_traps(u32 page_0_status)
{
    check_kernel_trap(kernel_known_undefined, UNDEFINED_KERNEL, (u32)kernel_known_undefined_at);
    equal(trap.r[0], trap.sp, "r0");
    check_kernel_trap(kernel_known_data, DATA_KERNEL, (u32)kernel_known_data_at);
    equal(trap.r[0], PAGE_0, "r0");
    equal(trap.r[1] & 0xf, page_0_status, "r1");
    equal(trap.r[2], trap.sp, "r2");
    check_kernel_trap(kernel_known_prefetch, PREFETCH_KERNEL, UNMAPPED);
    equal(trap.r[0], UNMAPPED, "r0");
    equal(trap.r[2], trap.sp, "r2");
}

TEST(kernel_traps_mmu_off, "a trap from guest kernel stores its registers (MMU off)")
{
    check_kernel_traps(PAGE_0_RESERVED ? 0x5 : 0x8);
    equal(trap.r[1] & 0xf, 0x8, "status of a fetch where nothing is");
}

TEST(kernel_traps, "a trap from guest kernel stores its registers (MMU on)")
{
    mmu_on();
    check_kernel_traps(0x5);
    equal(trap.r[1] & 0xf, 0x5, "status of a fetch where nothing is mapped");
}

TEST(any_sp_is_aligned_down, "the frame of a trap from guest kernel is aligned whatever its sp")
{
    static u64 stack[64];
    for (u32 offset = 0; offset != 16; ++offset) {
        u32 const sp = (u32)stack + 256 + offset;
        equal(probe_on(sp, kernel_sp, UNMAPPED, 0), DATA_KERNEL, "kind of trap");
        equal(trap.frame.sp, sp, "the frame's sp");
        equal(trap.sp, (sp & ~7u) - VAMBRACE_FRAME_SIZE, "the frame's address");
    }
}

TEST(mask_is_in_the_psr, "the frame's psr has I from irq_mask, and the trap masks")
{
    shared()->irq_mask = 0;
    u32 const kind = probe(kernel_known_undefined, 0, 0);
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal(kind, UNDEFINED_KERNEL, "kind of trap");
    equal(trap.frame.psr & VAMBRACE_IRQ_MASKED, 0, "psr.I");
    equal(trap.mask, VAMBRACE_IRQS_MASKED, "irq_mask at the entry");
}

static void check_user_trap(void const *from, u32 kind, u32 pc)
{
    equal(run_user(user_address(from), 0, 0), kind, "kind of trap");
    if (kind != PREFETCH_USER)
        check_registers(pc, VAMBRACE_PSR_USER);
    equal(trap.frame.pc, pc, "pc");
    equal(trap.frame.sp, USER_STACK_END, "sp");
    equal(trap.frame.psr & 0xc0, 0, "psr.I and F");
    if (kind != SVC_USER)
        equal(trap.mask, VAMBRACE_IRQS_MASKED, "irq_mask at the entry");
    else
        equal(trap.mask, VAMBRACE_IRQS_OPEN, "irq_mask at the entry");
}

TEST(user_traps, "a trap from guest user stores its registers")
{
    mmu_on();
    check_user_trap(user_known_svc, SVC_USER, user_address(user_known_svc_at) + 4);
    for (u32 n = 0; n != 13; ++n)
        if (n != 10 && n != 11) // given up
            equal(trap.r[n], 0x1000 + n, "a register at svc_user");
    check_user_trap(user_known_undefined, UNDEFINED_USER, user_address(user_known_undefined_at));
    equal(trap.r[0], trap.sp, "r0");
    check_user_trap(user_known_data, DATA_USER, user_address(user_known_data_at));
    equal(trap.r[0], PAGE_0, "r0");
    equal(trap.r[2], trap.sp, "r2");
    check_user_trap(user_known_prefetch, PREFETCH_USER, UNMAPPED);
    equal(trap.r[0], UNMAPPED, "r0");
    equal(trap.r[1] & 0xf, 0x5, "r1");
    equal(trap.r[2], trap.sp, "r2");
}

static void check_nothing_is_told(u32 kind, u32 first)
{
    for (u32 n = first; n != 13; ++n)
        CHECK(!is_of_the_hypervisor(trap.r[n]), "trap %u: r%u is %x", kind, n, trap.r[n]);
}

TEST(nothing_is_told, "no register tells of the hypervisor at an entry point")
{
    mmu_on();
    for (u32 round = 0; round != 3; ++round) { // the first one meets pages that are not filled
        void const *const user[] = {user_known_undefined, user_known_data, user_known_prefetch};
        operation *const kernel[] = {kernel_known_undefined, kernel_known_data, kernel_known_prefetch};
        for (u32 n = 0; n != 3; ++n) {
            (void)run_user(user_address(user[n]), 0, 0);
            check_nothing_is_told(trap.kind, 0);
            (void)probe(kernel[n], 0, 0);
            check_nothing_is_told(trap.kind, 0);
        }
    }
}

enum { FRAMES = 0x20500000 };

static void check_told(void const *op, u32 address, struct vambrace_frame *at, u32 kind, u32 status)
{
    struct vambrace_frame frame = {
        .r = {address}, .sp = USER_STACK_END, .pc = user_address(op), .psr = VAMBRACE_PSR_USER};
    equal(run_user_frame_at(&frame, at), kind, "kind of trap");
    equal(trap.r[0], address, "the fault's address");
    equal(trap.r[1] & 0xf, status, "the fault's status");
    equal(trap.sp, (u32)at, "the frame's address");
    equal(kind == DATA_USER ? CP15_READ(6, 0, 0) : address, address, "FAR");
    equal((kind == DATA_USER ? CP15_READ(5, 0, 0) : CP15_READ(5, 0, 1)) & 0xf, status, "DFSR, IFSR");
}

TEST(told_of_the_right_fault,
     "guest user's kernel is told of user's fault though storing the frame faults as well")
{
    mmu_on();
    map_page(l1, FRAMES, SCRATCH, aps(USER_WRITE), DOMAIN_USER); // guest user sees the megabyte
    for (u32 n = 1; n != 3; ++n) // removed from the shadow whenever guest user runs
        map_page(l1, FRAMES + n * PAGE, SCRATCH + n * PAGE, aps(KERNEL), DOMAIN_USER);
    for (u32 n = 0; n != 4; ++n) {
        struct vambrace_frame *const at = (struct vambrace_frame *)(FRAMES + PAGE + (n & 1 ? 0xfe0 : 0x100));
        check_told(user_ldr, UNMAPPED, at, DATA_USER, 0x5);
        check_told(user_str, FRAMES + 5 * PAGE, at, DATA_USER, 0x7);
        check_told(user_bx, UNMAPPED, at, PREFETCH_USER, 0x5);
    }
    unmap_section(l1, FRAMES);
    flush(l1, FRAMES, MB);
}

TEST(thumb_user, "Thumb code of guest user traps with T in the frame and the right pc")
{
    mmu_on();
    equal(run_user(user_address(thumb_svc) | 1, 0, 0), SVC_USER, "kind of trap");
    equal(trap.frame.pc, user_address(thumb_svc) + 4, "pc after SVC");
    equal(trap.frame.psr & THUMB, THUMB, "psr.T");
    equal(trap.frame.r[1], 0x55, "r1");
    equal(run_user(user_address(thumb_undefined) | 1, 0, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(thumb_undefined), "pc of the undefined instruction");
    equal(run_user(user_address(thumb_data) | 1, UNMAPPED, 0), DATA_USER, "kind of trap");
    equal(trap.frame.pc, user_address(thumb_data), "pc of the load");
    equal(trap.frame.psr & THUMB, THUMB, "psr.T");
}

TEST(thumb_kernel, "Thumb code of guest kernel traps with T in the frame")
{
    equal(probe(kernel_thumb_data, UNMAPPED, 0), DATA_KERNEL, "kind of trap");
    equal(trap.frame.psr & THUMB, THUMB, "psr.T");
}
