// SPDX-License-Identifier: Apache-2.0
// The psr's bits that ARMv6 brought: E and big-endian data, GE; frames whose psr asks for more; hints, BXJ.
// for: armv6 armv7
// native: yes
#include "guest.h"

enum {
    THUMB = 0x20,
    E = 1 << 9,
    Q = 1 << 27,
    J = 1 << 24,
    GE = 0xf << 16,
    IT_BITS = 0x0600fc00,
    NZCV = 0xf0000000
};
enum { AREA = 0x20100000, VALUE = 0x11223344, SWAPPED = 0x44332211 };

extern char user_big[], user_big_fault[], user_big_fault_at[], user_big_svc[], user_ge[], user_ge_again[],
    user_cpsr[], user_thumb_svc[], user_hints[], user_wfi[], user_bxj[], user_big_loop[],
    user_big_undefined[], user_ge_loop[];
u32 kernel_big_call(u32 id), kernel_big_read(u32 address), kernel_big_mrc(void);
extern operation kernel_big_fault;

static u32 user_word(u32 n) { return user_data_page[n]; }

static u32 go_on(void)
{
    struct vambrace_frame const f = trap.frame;
    return run_user_frame(&f);
}

TEST(big_endian, "SETEND's data order holds across system calls, and guest kernel is entered little-endian")
{
    mmu_on();
    user_data_page[0] = VALUE;
    user_data_page[1] = 0;
    equal(run_user(user_address(user_big), USER_DATA, 0), SVC_USER, "kind of trap");
    equal(trap.frame.psr & E, E, "psr.E");
    equal(trap.frame.r[1], SWAPPED, "what was loaded");
    equal(user_word(1), SWAPPED, "what was stored of it the right way round");
    equal(go_on(), SVC_USER, "kind of trap");
    equal(trap.frame.psr & E, E, "psr.E");
    equal(trap.frame.r[2], SWAPPED, "what was loaded after the call");
    equal(go_on(), SVC_USER, "kind of trap");
    equal(trap.frame.psr & E, 0, "psr.E after SETEND LE");
    equal(trap.frame.r[2], VALUE, "what was loaded after SETEND LE");
}

TEST(big_endian_faults, "SETEND's data order holds across faults, those that the guest sees and the others")
{
    mmu_on();
    *(u32 volatile *)SCRATCH = VALUE;
    for (u32 n = 0; n != 8; ++n) {
        bool const seen = n & 1;
        if (seen)
            unmap_page(l1, AREA);
        else
            map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
        flush(l1, AREA, PAGE);
        u32 kind = run_user(user_address(user_big_fault), AREA, 0);
        if (seen) {
            equal(kind, DATA_USER, "kind of trap");
            equal(trap.frame.pc, user_address(user_big_fault_at), "pc");
            equal(trap.frame.psr & E, E, "psr.E");
            map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
            kind = go_on();
        }
        equal(kind, SVC_USER, "kind of trap");
        equal(trap.frame.psr & E, E, "psr.E");
        equal(trap.frame.r[1], SWAPPED, "what was loaded");
    }
    equal(run_user(user_address(user_big_undefined), 0, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.psr & E, E, "psr.E");
}

/// Runs guest user's loop until ten interrupts have come in the middle of it.
static void under_interrupts(void const *code, u32 r0, u32 r1)
{
    mmu_on();
    interrupt_user(true);
    do {
        equal(run_user(user_address(code), r0, r1), SVC_USER, "kind of trap");
        equal(trap.frame.r[2], 0, "what guest user counted");
    } while (users_interrupted < 10 && !failed());
    interrupt_user(false);
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, big_endian_interrupts, "SETEND's data order holds across interrupts")
{
    user_data_page[0] = 1;
    under_interrupts(user_big_loop, USER_DATA, 200000); // counts how often the word was not 0x01000000
    equal(trap.frame.psr & E, E, "psr.E");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, ge_interrupts, "GE flags survive interrupts")
{
    under_interrupts(user_ge_loop, 200000, 0); // counts how often SEL chose something else
}

TEST(kernel_big_endian, "guest kernel's big-endian state survives its hypercalls and emulated instructions")
{
    equal(kernel_big_call(VAMBRACE_FUNCTION(IRQ_DELIVER)) & E, E, "CPSR.E after a hypercall");
    equal(kernel_big_mrc(), CP15_READ(1, 0, 0), "SCTLR, read big-endian");
    mmu_on();
    equal(probe(kernel_big_fault, 0x70000000, 0), DATA_KERNEL, "kind of trap");
    equal(trap.frame.psr & E, E, "psr.E of the frame");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, big_endian_device, "a big-endian load of the UART has its bytes swapped")
{
    mmu_on();
    *uart(0x24) = 0x8081;
    equal(*uart(0x24), 0x8081, "IBRD");
    equal(kernel_big_read(VAMBRACE_PL011_IPA + 0x24), 0x81800000, "IBRD, read big-endian");
}

TEST(ge, "GE and Q are guest user's own across a system call")
{
    mmu_on();
    for (u32 ge = 0; ge != 16; ++ge) {
        u32 const flags = ge << 16 | (ge & 1 ? Q : 0);
        equal(run_user(user_address(user_ge), flags, 0), SVC_USER, "kind of trap");
        equal(trap.frame.psr & (GE | Q), flags, "GE and Q of the frame");
        equal(go_on(), SVC_USER, "kind of trap");
        u32 const mask =
            (ge & 1 ? 0xff : 0) | (ge & 2 ? 0xff00 : 0) | (ge & 4 ? 0xff0000 : 0) | (ge & 8 ? 0xff000000 : 0);
        equal(trap.frame.r[4], mask, "what SEL chose");
    }
}

/* --- frames whose psr is hostile
 * ------------------------------------------------------------------------------------------------------- */

static u32 random = 0x1d7c0de5;

static struct vambrace_frame frame_with(u32 psr)
{
    return (struct vambrace_frame) {.pc = user_address(psr & THUMB ? user_thumb_svc : user_cpsr),
                                    .sp = USER_STACK_END,
                                    .psr = (psr & ~0x1fu) | VAMBRACE_PSR_USER};
}

static void check_user_psr(u32 psr)
{
    psr &= psr & THUMB ? ~(u32)IT_BITS : ~0u; // a conditional SVC would be skipped
    struct vambrace_frame const f = frame_with(psr);
    u32 const kind = run_user_frame(&f);
    u32 const kept = NZCV | Q | GE | THUMB | E;
    CHECK(kind == SVC_USER, "psr %x gives trap %u", psr, kind);
    CHECK((trap.frame.psr & kept) == (psr & kept), "psr %x: the next frame has %x", psr, trap.frame.psr);
    u32 const unpredictable = psr & THUMB ? 0 : psr & IT_BITS; // no harm to anybody else
    CHECK(!(trap.frame.psr & ~kept & ~0x1fu & ~unpredictable), "psr %x: the next frame has %x", psr,
          trap.frame.psr);
    equal(trap.frame.psr & 0x1f, VAMBRACE_PSR_USER, "mode of the next frame");
    if (!(psr & THUMB))
        equal(trap.frame.r[1] & 0x1ff & ~(u32)E, 0x10, "guest user's CPSR");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, hostile_psr,
        "RETURN to guest user takes flags, Q, GE, E and T of a psr and nothing else")
{
    mmu_on();
    for (u32 bit = 5; bit != 32; ++bit)
        check_user_psr(1u << bit);
    for (u32 n = 0; n != 500; ++n)
        check_user_psr(next_random(&random));
}

static u32 volatile kernel_psr;
static bool change_psr(struct trap *t)
{
    t->frame.psr =
        (t->frame.psr & ~(u32)(THUMB | IT_BITS | 0xf0000000)) | (kernel_psr & ~(u32)(THUMB | 0x9f));
    t->frame.pc += 4;
    return true;
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, hostile_kernel_psr,
        "RETURN to guest kernel leaves it in USR mode, whatever the psr's other bits")
{
    u32 const bits[] = {J, 0x100, 0x40, 0x140, 0x0600fc00, 0x00f00000, J | 0x0600fc00, 0x010001c0};
    for (u32 n = 0; n != sizeof bits / sizeof bits[0]; ++n) {
        kernel_psr = bits[n];
        trap_hook = change_psr;
        u32 cpsr;
        __asm__ volatile(".word 0xe7f000f0\n mrs %0, cpsr" : "=r"(cpsr)::"memory", "cc");
        trap_hook = NULL;
        if (!native)
            equal(cpsr & 0x1df, 0x10, "CPSR");
        equal(cpsr & J, 0, "CPSR.J");
    }
}

TEST_ON(ARMV7, it_in_a_frame, "a frame's IT state is what the instructions there obey")
{
    mmu_on();
    struct vambrace_frame f = frame_with(THUMB | 1 << 30); // Z
    f.psr |= 1 << 12 | 1 << 11;                            // IT = 00011000: NE, the last of its block
    equal(run_user_frame(&f), SVC_USER, "kind of trap");
    equal(trap.frame.pc, f.pc + 4, "pc: the first SVC was not taken");
    equal(trap.frame.psr & IT_BITS, 0, "IT of the next frame");
}

/* --- hints
 * ------------------------------------------------------------------------------------------------------- */

TEST(hints, "NOP, YIELD, SEV, WFE and DBG of guest user do no harm")
{
    mmu_on();
    for (u32 n = 0; n != 100; ++n)
        equal(run_user(user_address(user_hints), 0, 0), SVC_USER, "kind of trap");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, wfi, "guest user's WFI waits for an interrupt at most")
{
    mmu_on();
    interrupt_user(true);
    for (u32 n = 0; n != 20; ++n)
        equal(run_user(user_address(user_wfi), 0, 0), SVC_USER, "kind of trap");
    interrupt_user(false);
}

TEST(bxj, "BXJ goes where BX would: there is no Jazelle")
{
    mmu_on();
    equal(run_user(user_address(user_bxj), user_address(user_cpsr), 0), SVC_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_cpsr) + 8, "pc");
    equal(run_user(user_address(user_bxj), user_address(user_thumb_svc) | 1, 0), SVC_USER, "kind of trap");
    equal(trap.frame.psr & (J | THUMB), THUMB, "J and T of the frame");
}
