// SPDX-License-Identifier: Apache-2.0
// Virtual interrupts: mask, pending, delivery; the timer.
#include "irq.h"

TEST(bad_arguments, "IRQ_ENABLE refuses interrupts that do not exist and states that are none")
{
    u32 const irqs[] = {32, 33, 64, 0x80000000, 0xffffffff};
    for (u32 n = 0; n != 5; ++n)
        equal((u32)CALL2(IRQ_ENABLE, irqs[n], 1), (u32)VAMBRACE_INVALID_PARAMETERS, "IRQ_ENABLE");
    equal((u32)CALL2(IRQ_ENABLE, 0, 2), (u32)VAMBRACE_INVALID_PARAMETERS, "IRQ_ENABLE");
    equal((u32)CALL2(IRQ_ENABLE, 0, 0xffffffff), (u32)VAMBRACE_INVALID_PARAMETERS, "IRQ_ENABLE");
    for (u32 n = 0; n != 32; ++n)
        equal((u32)CALL2(IRQ_ENABLE, n, 0), 0, "IRQ_ENABLE");
}

TEST(starts_masked, "a guest starts masked, with nothing pending")
{
    equal(shared()->irq_mask & VAMBRACE_IRQ_MASKED, VAMBRACE_IRQ_MASKED, "irq_mask");
    equal(shared()->irq_pending, 0, "irq_pending");
    equal(shared()->abi_version, VAMBRACE_ABI_VERSION, "abi_version");
}

static void masked_then_delivered(void)
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    timer_at(time_ns() + MS);
    u64 const latest = time_ns() + 2000ull * MS; // QEMU may be late on a busy machine
    while (!shared()->irq_pending && time_ns() < latest)
        ;
    wait_until(time_ns() + MS);
    equal(irqs_taken, 0, "interrupts taken while masked");
    equal(shared()->irq_pending, TIMER, "irq_pending");
    unmask();
    equal(irqs_taken, 1, "interrupts taken after unmasking");
    equal(irqs_seen, TIMER, "interrupts seen");
    equal(shared()->irq_pending, 0, "irq_pending");
}

TEST(masked, "a masked interrupt waits and IRQ_DELIVER delivers it (MMU off)") { masked_then_delivered(); }

TEST(masked_mmu, "a masked interrupt waits and IRQ_DELIVER delivers it (MMU on)")
{
    mmu_on();
    masked_then_delivered();
}

TEST(unmasked, "an unmasked interrupt interrupts guest kernel")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    unmask();
    u64 const end = time_ns() + 2000ull * MS;
    timer_at(time_ns() + MS);
    u32 count = 0;
    while (!irqs_taken && time_ns() < end)
        ++count;
    mask();
    equal(irqs_taken, 1, "interrupts taken");
}

static u32 interrupted_psr, interrupted_mask;
static bool look(struct trap *t)
{
    interrupted_psr = t->frame.psr;
    interrupted_mask = t->mask;
    return false;
}

TEST(without_a_hypercall, "an interrupt ends a loop that makes no hypercall; the loop's registers survive")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    unmask();
    trap_hook = look;
    timer_at(time_ns() + MS);
    u32 a = 1, b = 2, c = 3;
    while (!irqs_taken) {
        __asm__ volatile("" : "+r"(a), "+r"(b), "+r"(c));
        a += 1;
        b += 2;
        c += 3;
    }
    trap_hook = NULL;
    mask();
    equal(b, 2 * a, "b");
    equal(c, 3 * a, "c");
    equal(interrupted_psr & 0x9f, VAMBRACE_PSR_KERNEL, "the frame's mode and I");
    equal(interrupted_mask, VAMBRACE_IRQS_MASKED, "irq_mask at the entry");
}

TEST(user_is_interrupted, "guest user is interrupted and goes on")
{
    mmu_on();
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    trap_hook = look;
    timer_at(time_ns() + 2 * MS);
    // guest user counts down from far; its registers must survive the interrupt
    extern char user_countdown[];
    equal(run_user(user_address(user_countdown), 20000000, 0), SVC_USER, "kind of trap");
    trap_hook = NULL;
    equal(trap.frame.r[1], 20000000, "guest user's count");
    CHECK(irqs_taken == 1, "%u interrupts", irqs_taken);
    equal(interrupted_psr & 0x9f, VAMBRACE_PSR_USER, "the frame's mode and I");
}

TEST(pending_at_return, "an interrupt that waits is taken before guest user's first instruction")
{
    mmu_on();
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    timer_at(0);
    equal(shared()->irq_pending, TIMER, "irq_pending");
    trap_hook = look;
    interrupted_psr = 0;
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
    trap_hook = NULL;
    equal(irqs_taken, 1, "interrupts taken");
    equal(interrupted_psr & 0x1f, VAMBRACE_PSR_USER, "the frame's mode");
}

TEST(past, "a time in the past makes the timer pending at once")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    u64 const times[] = {0, 1, time_ns() - 1, time_ns()};
    for (u32 n = 0; n != 4; ++n) {
        shared()->irq_pending = 0;
        timer_at(times[n]);
        equal(shared()->irq_pending, TIMER, "irq_pending after TIMER_SET");
    }
}

TEST(never, "the timer set to never does not fire, nor does one that was set anew")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    timer_at(time_ns() + 200 * MS);
    timer_off();
    wait_until(time_ns() + 250 * MS);
    equal(shared()->irq_pending, 0, "irq_pending");
    timer_at(time_ns() + 200 * MS);
    timer_at(time_ns() + 3600ull * 1000 * MS);
    wait_until(time_ns() + 250 * MS);
    equal(shared()->irq_pending, 0, "irq_pending");
    timer_at(~0ull - 1);
    wait_until(time_ns() + 2 * MS);
    equal(shared()->irq_pending, 0, "irq_pending");
}

TEST(not_early, "the timer is never early")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    for (u32 n = 0; n != 50; ++n) {
        shared()->irq_pending = 0;
        u64 const when = time_ns() + 10000 + n * 7777;
        timer_at(when);
        CALL0(IDLE);
        u64 const now = time_ns();
        CHECK(now >= when, "early by %u ns", (u32)(when - now));
        equal(shared()->irq_pending, TIMER, "irq_pending");
    }
}

TEST(disabled, "a disabled interrupt does not show; enabled later, it does")
{
    quiet();
    timer_at(0);
    CALL0(YIELD);
    equal(shared()->irq_pending, 0, "irq_pending");
    enable(VAMBRACE_IRQ_TIMER);
    equal(shared()->irq_pending, TIMER, "irq_pending");
    quiet();
    equal(shared()->irq_pending, 0, "irq_pending");
}
