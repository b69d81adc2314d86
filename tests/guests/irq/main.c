// SPDX-License-Identifier: Apache-2.0
// Virtual interrupts: mask, pending, delivery, idle; the timer; the UART's line.
#include "guest.h"

enum {
    MS = 1000000,
    UART_IMSC = 0x38,
    UART_RIS = 0x3c,
    UART_ICR = 0x44,
    UART_CR = 0x30,
    LOOPBACK = 0x80,
    RX = 1 << 4,
    TX = 1 << 5,
    RT = 1 << 6
};
enum { TIMER = 1 << VAMBRACE_IRQ_TIMER, UART = 1 << VAMBRACE_IRQ_PL011 };

static void mask(void) { shared()->irq_mask = VAMBRACE_IRQ_MASKED; }
static void unmask(void)
{
    shared()->irq_mask = 0;
    if (shared()->irq_pending)
        CALL0(IRQ_DELIVER);
}

static void timer_at(u64 when) { CALL2(TIMER_SET, (u32)when, (u32)(when >> 32)); }
static void timer_off(void) { timer_at(~0ull); }
static void enable(u32 irq) { CALL2(IRQ_ENABLE, irq, 1); }
static void disable(u32 irq) { CALL2(IRQ_ENABLE, irq, 0); }

static void quiet(void)
{
    timer_off();
    mask();
    disable(VAMBRACE_IRQ_TIMER);
    disable(VAMBRACE_IRQ_PL011);
    *uart(UART_IMSC) = 0;
    shared()->irq_pending = 0;
    irqs_taken = irqs_seen = 0;
}

static void wait_until(u64 when)
{
    while (time_ns() < when)
        ;
}

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
    equal(interrupted_mask, VAMBRACE_IRQ_MASKED, "irq_mask at the entry");
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

TEST(idle_masked, "IDLE returns when something is pending, even masked")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    timer_at(0);
    equal((u32)CALL0(IDLE), 0, "IDLE");
    equal((u32)CALL0(IDLE), 0, "IDLE");
    equal(irqs_taken, 0, "interrupts taken");
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    u64 const when = time_ns() + 5 * MS;
    timer_at(when);
    equal((u32)CALL0(IDLE), 0, "IDLE");
    CHECK(time_ns() >= when, "IDLE came back too soon");
    equal(shared()->irq_pending, TIMER, "irq_pending");
    equal(irqs_taken, 0, "interrupts taken");
}

/// Stores 0 to irq_mask in one of the ways that a compiler or a programmer may choose.
static void store_zero(u32 way)
{
    u32 volatile *const word = &shared()->irq_mask;
    switch (way) {
    case 0: *word = 0; break;
    case 1: *(u8 volatile *)word = 0; break;
    case 2: __asm__ volatile("stmia %0, {%1}" ::"r"(word), "r"(0) : "memory"); break;
    default: (void)swap(word, 0);
    }
}

TEST(unmask_by_a_store, "the store that unmasks is followed by the interrupt that waits")
{
    for (u32 way = 0; way != 4; ++way) {
        quiet();
        enable(VAMBRACE_IRQ_TIMER);
        mask();
        timer_at(0);
        CALL0(YIELD);
        equal(irqs_taken, 0, "interrupts taken while masked");
        mask(); // a store that does not unmask changes nothing
        equal(irqs_taken, 0, "interrupts taken while masked");
        store_zero(way);
        for (u64 const until = time_ns() + (way == 3 ? 2000ull * MS : 0);
             irqs_taken == 0 && time_ns() < until;) {}
        CHECK(irqs_taken == 1, "%u interrupts after store %u", irqs_taken, way);
        mask();
    }
}

TEST(unmask_alone, "a guest that never calls IRQ_DELIVER loses no interrupt")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    u32 random = 7;
    for (u32 n = 0; n != 1000; ++n) {
        u32 const before = irqs_taken;
        timer_at(time_ns() + next_random(&random) % 3000);
        while (irqs_taken == before) {
            mask();
            store_zero(0);
        }
        mask();
    }
    equal(irqs_taken, 1000, "interrupts taken");
}

TEST(idle_unmasks, "IDLE with r1 = 1 unmasks and takes the interrupt before it returns")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    mask();
    timer_at(time_ns() + MS);
    equal((u32)CALL3(IDLE, 1, 0, 0), 0, "IDLE");
    equal(irqs_taken, 1, "interrupts taken");
    equal(shared()->irq_mask, 0, "irq_mask");
    mask();
    equal((u32)CALL3(IDLE, 2, 0, 0), (u32)VAMBRACE_INVALID_PARAMETERS, "IDLE with r1 = 2");
}

TEST(idle_unmasked, "IDLE unmasked takes the interrupt and returns")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    unmask();
    timer_at(time_ns() + 300 * MS); // far: an interrupt that comes before IDLE would not wake it
    equal((u32)CALL0(IDLE), 0, "IDLE");
    mask();
    equal(irqs_taken, 1, "interrupts taken");
}

TEST(no_lost_wakeup, "a thousand short waits lose no wake-up")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    u32 random = 1;
    for (u32 n = 0; n != 1000; ++n) {
        u32 const before = irqs_taken;
        timer_at(time_ns() + next_random(&random) % 30000);
        mask();
        while (irqs_taken == before) { // as Linux idles: masked, then IDLE, then unmask
            if (!shared()->irq_pending)
                CALL0(IDLE);
            unmask();
            mask();
        }
    }
    equal(irqs_taken, 1000, "interrupts taken");
}

TEST(uart_line,
     "the UART's interrupt is raised when its line rises, and again after an access that leaves it high")
{
    quiet();
    enable(VAMBRACE_IRQ_PL011);
    *uart(UART_ICR) = 0x7ff;
    u32 const control = *uart(UART_CR);
    *uart(UART_CR) = control | LOOPBACK;
    *uart(UART_IMSC) = RX | RT;
    equal(shared()->irq_pending, 0, "irq_pending");
    *uart(0) = 'x';
    *uart(UART_CR) = control & ~LOOPBACK;
    equal(shared()->irq_pending, UART, "irq_pending with a character");
    shared()->irq_pending = 0;
    (void)*uart(UART_RIS);
    equal(shared()->irq_pending, UART, "irq_pending after an access that leaves the line high");
    equal(*uart(0) & 0xff, 'x', "the character");
    *uart(UART_ICR) = 0x7ff;
    equal(shared()->irq_pending, 0, "irq_pending when the line is low");
    *uart(UART_CR) = control;
    *uart(UART_IMSC) = 0;
}

TEST(one_lowered,
     "an interrupt that still waits is taken by the store that unmasks, though another went away")
{
    quiet();
    enable(VAMBRACE_IRQ_PL011);
    enable(VAMBRACE_IRQ_TIMER);
    *uart(UART_ICR) = 0x7ff;
    u32 const control = *uart(UART_CR);
    *uart(UART_CR) = control | LOOPBACK;
    *uart(UART_IMSC) = RX | RT;
    *uart(0) = 'x';
    *uart(UART_CR) = control & ~LOOPBACK;
    timer_at(0);
    equal(shared()->irq_pending, UART | TIMER, "irq_pending");
    (void)*uart(0); // the line falls
    *uart(UART_ICR) = 0x7ff;
    equal(shared()->irq_pending, TIMER, "irq_pending when the line is low");
    store_zero(0);
    equal(irqs_taken, 1, "interrupts taken");
    mask();
    *uart(UART_CR) = control;
    *uart(UART_IMSC) = 0;
}

TEST(invented_bits, "pending bits that a guest invents harm nobody but it")
{
    quiet();
    shared()->irq_pending = 0xfffffff0;
    unmask();
    mask();
    CHECK(irqs_taken >= 1, "nothing was delivered");
    equal(shared()->irq_pending, 0, "irq_pending");
}

TEST(other_mask_bits, "bits of irq_mask other than I are ignored")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    shared()->irq_mask = ~(u32)VAMBRACE_IRQ_MASKED;
    timer_at(0);
    equal(irqs_taken, 1, "interrupts taken");
    mask();
}
