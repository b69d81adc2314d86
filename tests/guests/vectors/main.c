// SPDX-License-Identifier: Apache-2.0
// SET_VECTORS, RETURN, and what a trap of each kind gives to the guest kernel.
#include "guest.h"

#define DECLARE(name)                                                                                        \
    extern operation kernel_known_##name;                                                                    \
    extern char kernel_known_##name##_at[], user_known_##name[], user_known_##name##_at[]
DECLARE(undefined);
DECLARE(data);
DECLARE(prefetch);
DECLARE(svc);
extern char thumb_svc[], thumb_undefined[], thumb_data[], thumb_nothing[], user_flags[], user_loop[];
extern operation kernel_thumb_data, kernel_sp;
int return_keeps(u32 frame);
u32 return_left[12];

enum { FLAGS = 0xf0000000, THUMB = 0x20, N_AND_C = 0xa0000000, PAGE_0 = 0x10, UNMAPPED = 0x80000000 };

static void set(struct vambrace_vectors const *v, int expected, char const *what)
{
    equal((u32)CALL1(SET_VECTORS, v), (u32)expected, what);
}

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
    equal(trap.mask, VAMBRACE_IRQ_MASKED, "irq_mask at the entry");
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
        equal(trap.mask, VAMBRACE_IRQ_MASKED, "irq_mask at the entry");
    else
        equal(trap.mask, 0, "irq_mask at the entry");
}

TEST(user_traps, "a trap from guest user stores its registers")
{
    mmu_on();
    check_user_trap(user_known_svc, SVC_USER, user_address(user_known_svc_at) + 4);
    for (u32 n = 0; n != 13; ++n)
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

/// Addresses that only the hypervisor has use for.
static bool is_of_the_hypervisor(u32 word) { return word - 0xff002000 < 0x7fe000; }

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

static bool skip_the_instruction(struct trap *t)
{
    t->frame.pc += t->frame.psr & THUMB ? 2 : 4;
    t->frame.r[1] = 0x600d;
    return true;
}

TEST(return_goes_on, "RETURN goes on where the frame says, with its registers and flags")
{
    mmu_on();
    trap_hook = skip_the_instruction;
    register u32 r1 __asm__("r1") = 0;
    u32 flags;
    __asm__ volatile("msr cpsr_f, #0x60000000\n ldr r1, [%2]\n mrs %0, cpsr"
                     : "=&r"(flags), "+r"(r1)
                     : "r"(UNMAPPED)
                     : "cc", "memory");
    trap_hook = NULL;
    equal(r1, 0x600d, "r1");
    equal(flags & FLAGS, 0x60000000, "flags");
}

static struct vambrace_frame good_user_frame(void)
{
    return (struct vambrace_frame) {
        .pc = user_address(user_nothing), .sp = USER_STACK_END, .psr = VAMBRACE_PSR_USER};
}

TEST(return_forces_the_psr, "RETURN forces USR mode, J=0, A=I=F=0, whatever the frame's psr")
{
    mmu_on();
    struct vambrace_frame f = good_user_frame();
    f.pc = user_address(user_flags);
    u32 const extra[] = {0, 0x80, 0x40, 0x100, 0x01000000, 0x000ffe00, 0x080f0000, 0xf0000000, 0xf90fffc0};
    for (u32 n = 0; n != sizeof extra / sizeof extra[0]; ++n) {
        f.psr = VAMBRACE_PSR_USER | (extra[n] & ~THUMB);
        equal(run_user_frame(&f), SVC_USER, "kind of trap");
        equal(trap.frame.r[1] & 0x010001ff, 0x10, "guest user's CPSR");
        equal(trap.frame.r[1] & FLAGS, extra[n] & FLAGS, "guest user's flags");
    }
}

TEST(return_aligns_pc, "RETURN to an address that no instruction has goes to the one below")
{
    mmu_on();
    struct vambrace_frame f = good_user_frame();
    for (u32 n = 0; n != 4; ++n) {
        f.pc = user_address(user_nothing) + n;
        equal(run_user_frame(&f), SVC_USER, "kind of trap");
        equal(trap.frame.pc, user_address(user_nothing) + 4, "pc");
    }
}

TEST(modes_that_no_guest_has, "RETURN refuses a frame of a mode that no guest has")
{
    mmu_on();
    static struct vambrace_frame f, at;
    for (u32 mode = 0; mode != 32; ++mode) {
        if ((mode & 0xf) == 0 || mode == VAMBRACE_PSR_KERNEL || mode == 0x1f)
            continue;
        f = good_user_frame();
        f.psr = mode;
        u32 const kind = run_user_frame_at(&f, &at);
        CHECK(kind == NO_TRAP, "RETURN to mode %x goes on as guest user", mode);
    }
}

TEST(mode_bit_4, "RETURN takes M[3:0] = 0 for guest user whatever M[4] is, with and without more to do")
{
    mmu_on();
    for (u32 more = 0; more != 2; ++more) {
        struct vambrace_frame f = good_user_frame();
        f.psr = 0;
        if (more) // a forwarded fault before it: RETURN fills
            (void)probe(kernel_ldr, UNMAPPED, 0);
        equal(run_user_frame(&f), SVC_USER, "kind of trap");
        equal(trap.frame.psr & 0x1f, VAMBRACE_PSR_USER, "the next frame's mode");
    }
}

TEST(unreadable_frames, "RETURN refuses a frame that cannot be read")
{
    mmu_on();
    u32 const bad[] = {0,          0x10,       0xfb8,      0xfe0,      0x40010002, 0x40010001, 0xff000000,
                       0xfefffff8, 0xff100000, 0xff7ffff8, 0xffffffc0, 0xfffffff8, UNMAPPED,   0xfee00000};
    for (u32 n = 0; n != sizeof bad / sizeof bad[0]; ++n)
        equal((u32)resume((struct vambrace_frame *)bad[n]), (u32)VAMBRACE_INVALID_ADDRESS,
              "RETURN with a bad frame");
}

static void check_failed_return(u32 frame)
{
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal((u32)return_keeps(frame), (u32)VAMBRACE_INVALID_ADDRESS, "RETURN's answer (1: sp or lr changed)");
    equal(shared()->irq_mask, VAMBRACE_IRQ_MASKED, "irq_mask");
    for (u32 n = 0; n != 12; ++n)
        CHECK(!is_of_the_hypervisor(return_left[n]), "r%u is %x after RETURN", n + 1, return_left[n]);
}

TEST(a_failed_return_keeps_the_rest,
     "a RETURN that fails gives up r1 to r12, but neither sp, lr nor irq_mask, and tells nothing")
{
    mmu_on();
    u32 const bad[] = {0x10, UNMAPPED, 0xff000000, 0xff100000, 0x40010001, 0x40010004};
    for (u32 n = 0; n != 2 * sizeof bad / sizeof bad[0]; ++n) {
        if (n & 1)
            (void)probe(kernel_ldr, UNMAPPED, 0); // RETURN has to look whether that is mapped now
        check_failed_return(bad[n / 2]);
    }
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(half_a_frame, "a RETURN whose frame can be read only in part fails and does not unmask")
{
    mmu_on();
    map_page(l1, 0x20101000, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    *(struct vambrace_frame *)SCRATCH = (struct vambrace_frame) {0};
    ((u32 *)SCRATCH)[8] = VAMBRACE_PSR_USER; // psr of a frame 32 bytes before the page
    for (u32 n = 0; n != 3; ++n)             // once with entries to fill, then without
        check_failed_return(0x20101000 - 32);
}

TEST(odd_user_frames, "a frame for guest user at 4 mod 8 is refused, or works")
{
    mmu_on();
    static u32 area[64] __attribute__((aligned(64)));
    set_sctlr(SCTLR_A, 0);
    for (u32 n = 1; n != 9; n += 2) {
        struct vambrace_frame f = good_user_frame();
        f.pc = user_address(user_known_svc);
        run_user_frame_at(&f, (struct vambrace_frame *)(area + n));
        if (trap.kind == NO_TRAP)
            continue;
        equal(trap.kind, SVC_USER, "kind of trap");
        equal(trap.sp, (u32)(area + n), "the frame's address");
        for (u32 r = 0; r != 13; ++r)
            equal(trap.frame.r[r], 0x1000 + r, "a register in the frame");
    }
    set_sctlr(0, SCTLR_A);
}

TEST(next_trap_uses_the_frame, "the next trap from guest user uses the frame that RETURN used")
{
    mmu_on();
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
    equal(trap.sp, vectors.user_frame, "the frame's address");
}

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
    equal(trap.mask, VAMBRACE_IRQ_MASKED, "irq_mask at the entry");
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
