// SPDX-License-Identifier: Apache-2.0
// Thumb-2 code of guest user and guest kernel: IT blocks across every kind of trap, instructions of 32 bits.
// for: armv7
// native: yes
#include "guest.h"

enum { AREA = 0x20100000, THUMB = 0x20, IT_BITS = 0x0600fc00 };
/// ITSTATE (DDI 0406C A2.5.2) of the second instruction of an ITTTE EQ block and of the third, in a psr.
enum { IT_SECOND = 1 << 26 | 1 << 10, IT_THIRD = 3 << 10 };

extern char user_it_svc[], user_it_svc_at[], user_it_undefined[], user_it_undefined_at[], user_it_load[],
    user_it_load_at[], user_it_store[], user_it_jump[], user_it_loop[], user_it_false_load[], user_wide[],
    user_wide_undefined[], user_wide_end[], user_enterx[];
u32 kernel_it_mrc(u32 equal, u32 *results), kernel_it_svc(u32 id, u32 *results), kernel_wide_mcr(u32 value),
    kernel_it_smc(u32 id, u32 *results);
extern operation kernel_it_load;
void kernel_it_loop(u32 rounds, u32 *counts);
extern struct {
    char const *name;
    void (*run)(u32 address, u32 *out); // out: what was loaded, the base register behind it
    int offset, moved;
    u32 loads, value;
} const wide_forms[];
extern u32 const wide_form_count;
extern char kernel_it_load_at[];

static struct vambrace_frame thumb_frame(void const *at, u32 r0)
{
    return (struct vambrace_frame) {.r = {r0, 0, 0, 0, 0, 0, 0, 0},
                                    .sp = USER_STACK_END,
                                    .pc = user_address(at),
                                    .psr = VAMBRACE_PSR_USER | THUMB};
}

static u32 run_thumb(void const *at, u32 r0)
{
    struct vambrace_frame const f = thumb_frame(at, r0);
    return run_user_frame(&f);
}

/// Goes on with the frame of the last trap.
static u32 go_on(void)
{
    struct vambrace_frame const f = trap.frame;
    return run_user_frame(&f);
}

/// The block's third instruction ran and its fourth, which is the other case, did not.
static void check_rest(void)
{
    equal(trap.kind, SVC_USER, "kind of trap at the end");
    equal(trap.frame.r[1], 1, "r1, set before the trap");
    equal(trap.frame.r[2], 2, "r2, set behind the trap");
    equal(trap.frame.r[3], 0, "r3, which the block does not set");
    equal(trap.frame.r[4], 4, "r4, set behind the block");
    equal(trap.frame.psr & IT_BITS, 0, "IT behind the block");
}

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

TEST(kernel_mrc, "guest kernel's MRC in an IT block is emulated, and the block goes on")
{
    u32 results[4] = {0, 0, 0, 0};
    u32 const sctlr = CP15_READ(1, 0, 0);
    equal(kernel_it_mrc(1, results), sctlr, "what MRC read");
    equal(results[0], 1, "the instruction before");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    for (u32 n = 0; n != 3; ++n)
        results[n] = 0;
    equal(kernel_it_mrc(0, results), 0, "an MRC that is not taken");
    equal(results[0] | results[1], 0, "instructions that are not taken");
    equal(results[2], 7, "the other case");
}

TEST(kernel_mcr, "guest kernel's MCR and MRC in Thumb are emulated, and are four bytes")
{
    u32 const old = CP15_READ(13, 0, 1);
    equal(kernel_wide_mcr(0x0badf00d), 0x0badf00d, "what was written and read");
    equal(CP15_READ(13, 0, 1), 0x0badf00d, "the register");
    CP15_WRITE(13, 0, 1, old);
}

TEST_ON(ARMV7 | NOT_NATIVE, kernel_svc, "a hypercall in an IT block goes on in the block, by SVC and by SMC")
{
    for (u32 n = 0; n != 2; ++n) {
        u32 results[2] = {0, 0};
        equal((n ? kernel_it_smc : kernel_it_svc)(PSCI_VERSION, results), 0x10000, "PSCI version");
        equal(results[0], 3, "the instruction behind");
        equal(results[1], 0, "the other case");
    }
}

static bool repair(struct trap *t)
{
    if (t->kind != DATA_KERNEL)
        return false;
    equal(t->frame.psr & (IT_BITS | THUMB), IT_SECOND | THUMB, "IT and T of the frame");
    equal(t->frame.pc, (u32)kernel_it_load_at, "pc");
    map_page(l1, AREA, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    return true;
}

TEST(kernel_fault, "a data abort of guest kernel in an IT block is repaired, and the block goes on")
{
    mmu_on();
    static u32 results[4];
    *(u32 volatile *)SCRATCH = 0x600d10ad;
    unmap_section(l1, AREA);
    flush(l1, AREA, PAGE);
    trap_hook = repair;
    kernel_it_load(AREA, (u32)results);
    trap_hook = NULL;
    equal(trap.kind, DATA_KERNEL, "kind of trap");
    equal(results[0], 0x600d10ad, "what was loaded");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    unmap_section(l1, AREA);
    flush(l1, AREA, PAGE);
}

enum { UART_IBRD = 0x24, DIVISOR = 0x1234 };

TEST_ON(ARMV7 | NOT_NATIVE, device, "a device access in an IT block is emulated, and the block goes on")
{
    static u32 results[4];
    mmu_on();
    *uart(UART_IBRD) = DIVISOR;
    kernel_it_load(VAMBRACE_PL011_IPA + UART_IBRD, (u32)results);
    equal(results[0], DIVISOR, "what guest kernel loaded");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    map_page(l1, AREA, VAMBRACE_PL011_IPA, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, PAGE);
    run_thumb(user_it_load, AREA + UART_IBRD);
    check_rest();
    equal(trap.frame.r[5], DIVISOR, "what guest user loaded");
    run_thumb(user_it_store, AREA + UART_IBRD);
    check_rest();
    equal(*uart(UART_IBRD), (AREA + UART_IBRD) & 0xffff, "what guest user stored");
    run_thumb(user_it_false_load, AREA + UART_IBRD);
    equal(trap.frame.r[5], 0, "a load that is not taken");
    unmap_page(l1, AREA);
    flush(l1, AREA, PAGE);
}

TEST_ON(ARMV7 | NOT_NATIVE, wide_device, "32-bit loads and stores of every form reach the device")
{
    static u32 out[3];
    mmu_on();
    for (u32 n = 0; n != wide_form_count; ++n) {
        *uart(UART_IBRD) = 0x8081;
        wide_forms[n].run(VAMBRACE_PL011_IPA + UART_IBRD + wide_forms[n].offset, out);
        if (wide_forms[n].loads)
            CHECK(out[0] == wide_forms[n].value, "%s loads %x", wide_forms[n].name, out[0]);
        else
            CHECK(*uart(UART_IBRD) == wide_forms[n].value, "%s stores %x", wide_forms[n].name,
                  *uart(UART_IBRD));
        CHECK(out[1] == VAMBRACE_PL011_IPA + UART_IBRD + (u32)(wide_forms[n].offset + wide_forms[n].moved),
              "%s leaves %x in its base", wide_forms[n].name, out[1]);
    }
}

static u32 periods; // that guest user has had
static bool escape(struct trap *t)
{
    if (t->kind != IRQ_USER && t->kind != IRQ_KERNEL)
        return false;
    u64 const soon = time_ns() + 1000000;
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
    if (t->kind != IRQ_USER || ++periods < 3)
        return false;
    t->frame.pc = user_address(user_nothing); // it would go on for ever
    t->frame.psr = VAMBRACE_PSR_USER;
    return true;
}

static void thumb_svc_1(u16 *code, u32 count)
{
    for (u32 n = 0; n != count; ++n)
        code[n] = 0xdf01;
}

TEST_ON(ARMV7 | NOT_NATIVE, random_words,
        "ten thousand random Thumb instructions of guest user end in a trap of guest user's")
{
    mmu_on();
    u16 *const code = (u16 *)SCRATCH;
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, PAGE);
    u32 random = 0x7b0b;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    CALL2(TIMER_SET, 0, 0);
    trap_hook = escape;
    for (u32 n = 0; n != 10000; ++n) {
        u32 const word = next_random(&random);
        periods = 0;
        thumb_svc_1(code, 64);
        code[2] = (u16)word;
        code[3] = (u16)(word >> 16);
        CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, code, 128);
        u32 const kind = run_user((AREA + 4) | 1, USER_DATA + 64, next_random(&random));
        if (kind < SVC_USER || kind > DATA_USER)
            fail("%x gives trap %u", word, kind);
    }
    trap_hook = NULL;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    shared()->irq_pending = 0;
}

TEST_ON(ARMV7 | NOT_NATIVE, interrupts, "interrupts in IT blocks change nothing that the blocks compute")
{
    mmu_on();
    interrupt_user(true);
    do {
        equal(run_thumb(user_it_loop, 100000), SVC_USER, "kind of trap");
        equal(trap.frame.r[1], 300000, "what three taken instructions counted");
        equal(trap.frame.r[2], 0, "what the one that is not taken counted");
    } while (users_interrupted < 20 && !failed());
    interrupt_user(false);
}

TEST_ON(ARMV7 | NOT_NATIVE, kernel_interrupts,
        "interrupts in guest kernel's IT blocks change nothing that the blocks compute")
{
    mmu_on();
    interrupt_user(true);
    u32 const before = irqs_taken;
    shared()->irq_mask = 0;
    do {
        u32 counts[2];
        kernel_it_loop(100000, counts);
        equal(counts[0], 300000, "what three taken instructions counted");
        equal(counts[1], 0, "what the one that is not taken counted");
    } while (irqs_taken - before < 20 && !failed());
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    interrupt_user(false);
}

TEST(thumb_ee, "there is no ThumbEE: ENTERX is undefined")
{
    mmu_on();
    equal(run_thumb(user_enterx, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_enterx), "pc");
}
