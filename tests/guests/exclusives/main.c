// SPDX-License-Identifier: Apache-2.0
// LDREX and STREX across traps: a sequence that anything came between has to fail, and every loop has to end.
// for: armv6 armv7
// native: yes
#include "guest.h"

enum { AREA = 0x20100000, OLD = 0x01d01d01, NEW = 0x2e32e32e, MS = 1000000 };

extern struct {
    char const *name;
    void const *pair, *across, *loop;
    u32 size;
} const exclusives[];
extern u32 const exclusive_count;
extern char user_clrex[], user_count[], user_load_only[], user_store_only[], user_undefined_between[],
    user_fault_between[], user_fault_between_at[];
u32 kernel_exclusive_add(u32 volatile *word), kernel_load_exclusive(u32 volatile *word),
    kernel_store_exclusive(u32 volatile *word, u32 value), kernel_around_trap(u32 volatile *word, u32 value),
    kernel_around_call(u32 volatile *word, u32 value, u32 id);

static u32 volatile *word(void) { return (u32 volatile *)user_data_page; }

static void reset(void)
{
    for (u32 n = 0; n != 4; ++n)
        word()[n] = OLD;
}

static u32 go_on(void)
{
    struct vambrace_frame const f = trap.frame;
    return run_user_frame(&f);
}

/// What an access of that size changes of OLD: r2 and, for a double word, r3 are stored.
static u32 expected_word(u32 size)
{
    return size == 1 ? (OLD & ~0xffu) | (NEW & 0xff) : size == 2 ? (OLD & ~0xffffu) | (NEW & 0xffff) : NEW;
}

TEST(pairs, "a pair with nothing in between stores, in every size")
{
    mmu_on();
    for (u32 n = 0; n != exclusive_count; ++n) {
        reset();
        equal(run_user(user_address(exclusives[n].pair), USER_DATA, NEW), SVC_USER, "kind of trap");
        CHECK(trap.frame.r[4] == 0, "%s: STREX gives %u", exclusives[n].name, trap.frame.r[4]);
        CHECK(word()[0] == expected_word(exclusives[n].size), "%s leaves %x", exclusives[n].name, word()[0]);
        CHECK(word()[1] == (exclusives[n].size == 8 ? NEW : OLD), "%s leaves %x", exclusives[n].name,
              word()[1]);
    }
}

TEST(across_a_call, "a pair with a system call in between fails and stores nothing, in every size")
{
    mmu_on();
    for (u32 n = 0; n != exclusive_count; ++n) {
        reset();
        equal(run_user(user_address(exclusives[n].across), USER_DATA, NEW), SVC_USER, "kind of trap");
        equal(go_on(), SVC_USER, "kind of trap");
        CHECK(trap.frame.r[4] == 1, "%s: STREX gives %u", exclusives[n].name, trap.frame.r[4]);
        equal(word()[0], OLD, "the word");
    }
}

TEST(across_traps, "a pair with an undefined instruction or an abort in between fails and stores nothing")
{
    mmu_on();
    reset();
    equal(run_user(user_address(user_undefined_between), USER_DATA, NEW), UNDEFINED_USER, "kind of trap");
    trap.frame.pc += 4;
    equal(go_on(), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 1, "STREX's answer");
    equal(word()[0], OLD, "the word");
    unmap_page(l1, AREA);
    flush(l1, AREA, PAGE);
    struct vambrace_frame f = {.r = {USER_DATA, NEW, 0, 0, 0, AREA},
                               .pc = user_address(user_fault_between),
                               .psr = VAMBRACE_PSR_USER};
    equal(run_user_frame(&f), DATA_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_fault_between_at), "pc");
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    equal(go_on(), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 1, "STREX's answer");
    equal(word()[0], OLD, "the word");
}

TEST(across_programs, "a STREX does not end another program's or the kernel's LDREX")
{
    mmu_on();
    reset();
    equal(run_user(user_address(user_load_only), USER_DATA, 0), SVC_USER, "kind of trap");
    equal(run_user(user_address(user_store_only), USER_DATA, NEW), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 1, "STREX's answer");
    (void)kernel_load_exclusive(word());
    equal(run_user(user_address(user_store_only), USER_DATA, NEW), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 1, "STREX's answer after the kernel's LDREX");
    equal(word()[0], OLD, "the word");
}

TEST(clrex, "a pair with CLREX in between fails")
{
    mmu_on();
    reset();
    equal(run_user(user_address(user_clrex), USER_DATA, NEW), SVC_USER, "kind of trap");
    equal(trap.frame.r[4], 1, "STREX's answer");
    equal(word()[0], OLD, "the word");
}

static bool skip(struct trap *t)
{
    t->frame.pc += 4;
    return true;
}

TEST(kernel_across_a_trap, "guest kernel's pair with a trap of its own in between fails")
{
    mmu_on();
    reset();
    trap_hook = skip;
    u32 const answer = kernel_around_trap(word(), NEW);
    trap_hook = NULL;
    equal(answer, 1, "STREX's answer");
    equal(word()[0], OLD, "the word");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, across_a_yield,
        "guest kernel's pair with a rest of its time slice in between fails")
{
    mmu_on();
    reset();
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    u64 const soon = time_ns() + MS;
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
    u32 const answer = kernel_around_call(word(), NEW, VAMBRACE_FUNCTION(IDLE));
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    shared()->irq_pending = 0;
    equal(answer, 1, "STREX's answer after IDLE");
    equal(word()[0], OLD, "the word");
}

TEST(loops_end, "a loop on a page that is not there ends once it is, and does its work once")
{
    mmu_on();
    for (u32 n = 0; n != exclusive_count; ++n) {
        for (u32 hidden = 0; hidden != 2; ++hidden) {
            for (u32 i = 0; i != 4; ++i)
                ((u32 volatile *)SCRATCH)[i] = 0;
            unmap_page(l1, AREA);
            flush_all();
            if (hidden)
                map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
            u32 kind = run_user(user_address(exclusives[n].loop), AREA, 0);
            if (!hidden) {
                equal(kind, DATA_USER, "kind of trap");
                map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
                kind = go_on();
            }
            CHECK(kind == SVC_USER, "%s: trap %u", exclusives[n].name, kind);
            equal(*(u32 volatile *)SCRATCH, 1, "the word");
        }
    }
}

TEST(copy_on_write,
     "a STREX to a read-only page is a store's permission fault; its loop ends when it is writable")
{
    mmu_on();
    for (u32 n = 0; n != exclusive_count; ++n) {
        *(u32 volatile *)SCRATCH = 7;
        *(u32 volatile *)(SCRATCH + PAGE) = 7;
        map_page(l1, AREA, SCRATCH, aps(ARCH == ARMV7 ? ALL_READ_V6K : ALL_READ), DOMAIN_USER);
        flush(l1, AREA, PAGE);
        CHECK(run_user(user_address(exclusives[n].loop), AREA, 0) == DATA_USER, "%s: trap %u",
              exclusives[n].name, trap.kind);
        equal(trap.r[0], AREA, "fault address");
        equal(trap.r[1], 0xf | DOMAIN_USER << 4 | DFSR_WRITE, "fault status");
        map_page(l1, AREA, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
        flush(l1, AREA, PAGE);
        equal(go_on(), SVC_USER, "kind of trap");
        equal(*(u32 volatile *)SCRATCH, 7, "the page that was shared");
        equal(*(u32 volatile *)(SCRATCH + PAGE), 8, "the copy");
    }
}

static u32 added;
static bool add_too(struct trap *t)
{
    (void)t;
    u64 const soon = time_ns() + MS;
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
    kernel_exclusive_add(word());
    ++added;
    return false;
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, counting, "a counter that guest user and interrupts add to loses nothing")
{
    mmu_on();
    word()[0] = 0;
    added = 0;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    trap_hook = add_too;
    CALL2(TIMER_SET, 0, 0);
    u32 by_user = 0;
    for (; added < 10 && !failed(); by_user += 100000)
        equal(run_user(user_address(user_count), USER_DATA, 100000), SVC_USER, "kind of trap");
    trap_hook = NULL;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    shared()->irq_pending = 0;
    equal(word()[0], by_user + added, "the counter");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, guarded_page,
        "LDREX and STREX take the pending bits of the shared page while interrupts wait")
{
    mmu_on();
    for (u32 n = 0; n != 10; ++n) {
        CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
        CALL2(TIMER_SET, 0, 0);
        equal(shared()->irq_pending, 1 << VAMBRACE_IRQ_TIMER, "irq_pending");
        equal(swap(&shared()->irq_pending, 0), 1 << VAMBRACE_IRQ_TIMER, "what was taken");
        equal(shared()->irq_pending, 0, "irq_pending");
        CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    }
}
