// SPDX-License-Identifier: Apache-2.0
// IDLE and the store that unmasks lose no interrupt, whether the timer's or the UART's.
#include "irq.h"

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
    equal(shared()->irq_mask, VAMBRACE_IRQS_OPEN, "irq_mask");
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

/// As Linux does: where the word leads.
static void restore(u32 word) { *(u32 volatile *)word = word; }

TEST(restore_by_one_store, "the mask as it was read is restored by a store of it to where it leads")
{
    for (u32 n = 0; n != 100; ++n) {
        quiet();
        enable(VAMBRACE_IRQ_TIMER);
        shared()->irq_mask = VAMBRACE_IRQS_OPEN;
        u32 const outer = shared()->irq_mask;
        shared()->irq_mask = VAMBRACE_IRQS_MASKED;
        u32 const inner = shared()->irq_mask;
        shared()->irq_mask = VAMBRACE_IRQS_MASKED;
        timer_at(n & 1 ? 0 : time_ns() + n * 100);
        for (u32 again = 0; again != 3; ++again) {
            restore(inner); // it was masked before
            equal(irqs_taken, 0, "interrupts taken while masked");
            equal(shared()->irq_mask, VAMBRACE_IRQS_MASKED, "irq_mask");
        }
        while (!shared()->irq_pending)
            ;
        restore(inner);
        equal(irqs_taken, 0, "interrupts taken while masked");
        restore(outer);
        equal(irqs_taken, 1, "interrupts taken");
        equal(shared()->irq_mask, VAMBRACE_IRQS_OPEN, "irq_mask behind the interrupt");
        mask();
    }
}

TEST(hypervisors_words, "the hypervisor leaves no other word in irq_mask than those two")
{
    quiet();
    enable(VAMBRACE_IRQ_TIMER);
    mask();
    timer_at(time_ns() + MS);
    equal((u32)CALL3(IDLE, 1, 0, 0), 0, "IDLE");
    equal(shared()->irq_mask, VAMBRACE_IRQS_OPEN, "irq_mask behind IDLE");
    equal(probe(kernel_ldr, 0x80000000, 0), DATA_KERNEL, "kind of trap");
    equal(trap.mask, VAMBRACE_IRQS_MASKED, "irq_mask at an entry point");
    mask();
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
