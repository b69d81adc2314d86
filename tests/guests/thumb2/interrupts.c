// SPDX-License-Identifier: Apache-2.0
// Thumb-2 code that is interrupted anywhere, random or counting; and that there is no ThumbEE.
#include "thumb2.h"

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
