// SPDX-License-Identifier: Apache-2.0
// How the tests of interrupts mask and raise them.
#ifndef IRQ_H
#define IRQ_H

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

static inline void mask(void) { shared()->irq_mask = VAMBRACE_IRQ_MASKED; }
static inline void unmask(void)
{
    shared()->irq_mask = 0;
    if (shared()->irq_pending)
        CALL0(IRQ_DELIVER);
}

static inline void timer_at(u64 when) { CALL2(TIMER_SET, (u32)when, (u32)(when >> 32)); }
static inline void timer_off(void) { timer_at(~0ull); }
static inline void enable(u32 irq) { CALL2(IRQ_ENABLE, irq, 1); }
static inline void disable(u32 irq) { CALL2(IRQ_ENABLE, irq, 0); }

static inline void quiet(void)
{
    timer_off();
    mask();
    disable(VAMBRACE_IRQ_TIMER);
    disable(VAMBRACE_IRQ_PL011);
    *uart(UART_IMSC) = 0;
    shared()->irq_pending = 0;
    irqs_taken = irqs_seen = 0;
}

static inline void wait_until(u64 when)
{
    while (time_ns() < when)
        ;
}

#endif
