// SPDX-License-Identifier: Apache-2.0
// RETURN: which frames it takes, and what it makes of them.
#include "vectors.h"

u32 return_left[12];

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
    shared()->irq_mask = VAMBRACE_IRQS_MASKED;
    equal((u32)return_keeps(frame), (u32)VAMBRACE_INVALID_ADDRESS, "RETURN's answer (1: sp or lr changed)");
    equal(shared()->irq_mask, VAMBRACE_IRQS_MASKED, "irq_mask");
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
    for (u32 n = 0; n != 3; ++n) {           // once with entries to fill, then without
        check_failed_return(0x20101000 - 32);
        (void)*(u32 volatile *)0x20101000; // nobody else has asked for this half
    }
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
