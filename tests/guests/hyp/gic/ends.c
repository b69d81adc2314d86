// SPDX-License-Identifier: Apache-2.0
// Ends in two steps, groups, and the lines of a device.
#include "gic.h"

enum { EOIMODE = 1 << 9, FIQ_EN = 1 << 3, ACK_CTL = 1 << 2, BOTH = 3, GROUP_1 = 1022 };
enum { UART_DR = 0, UART_CR = 0x30, UART_IMSC = 0x38, UART_ICR = 0x44, UART_MIS = 0x40 };
enum { UART_RX = 1 << 4, UART_TX = 1 << 5, UART_RT = 1 << 6, UART_ON = 0x301, UART_LOOPBACK = 1 << 7 };

static u32 rpr_after_drop, active_after_drop, during;
static void two_steps(u32 iar, struct frame *f)
{
    (void)f;
    *gicc(GICC_EOIR) = iar;
    if (iar != 54)
        return;
    if (rpr_after_drop) {
        *gicc(GICC_DIR) = iar;
        return;
    }
    rpr_after_drop = *gicc(GICC_RPR);
    active_after_drop = get_bit(GICD_ISACTIVER, iar);
    pend(55, 0xe0);
    set_bit(GICD_ISPENDR, 54); // again: not before it is inactive
    u32 const before = irqs;
    take_nested();
    during = irqs - before;
    *gicc(GICC_DIR) = iar;
}

TEST(drop, "with EOImode GICC_EOIR drops the priority and GICC_DIR makes it inactive")
{
    gic_start();
    *gicc(GICC_CTLR) = 1 | EOIMODE;
    leave_active = true;
    irq_hook = two_steps;
    pend(54, 0x50);
    unmask();
    mask();
    equal(rpr_after_drop, 0xff, "GICC_RPR after the drop");
    equal(active_after_drop, 1, "GICD_ISACTIVERn after the drop");
    equal(during, 1, "interrupts of lower priority before GICC_DIR");
    equal(irq_log[1], 55, "the second");
    equal(irq_log[2], 54, "the third");
    equal(get_bit(GICD_ISACTIVER, 54), 0, "GICD_ISACTIVERn in the end");
    equal(get_bit(GICD_ISACTIVER, 55), 1, "GICD_ISACTIVERn of the one that was left active");
    gic_start();
}

TEST(dropped_many, "three interrupts that were dropped are active until GICC_DIR, in whatever order")
{
    static u8 const order[] = {1, 2, 0};
    gic_start();
    *gicc(GICC_CTLR) = 1 | EOIMODE;
    for (u32 n = 0; n != 3; ++n)
        pend(56 + n, (u8)(0x40 + 8 * n));
    for (u32 n = 0; n != 3; ++n) {
        u32 const iar = *gicc(GICC_IAR);
        equal(iar, 56 + n, "GICC_IAR");
        *gicc(GICC_EOIR) = iar;
    }
    equal(*gicd(GICD_ISACTIVER + 4), 0x07000000, "GICD_ISACTIVER1");
    u32 left = 7;
    for (u32 n = 0; n != 3; ++n) {
        *gicc(GICC_DIR) = 56 + order[n];
        left &= ~(1u << order[n]);
        equal(*gicd(GICD_ISACTIVER + 4) >> 24, left, "those that are active");
    }
    gic_start();
}

static u32 kinds[8], kind_count;
static void note_kind(u32 iar, struct frame *f)
{
    if (kind_count != 8)
        kinds[kind_count++] = iar << 1 | ((f->entry & MODE) == FIQ);
}

TEST(two_groups, "group 0 comes as FIQ and group 1 as IRQ where GICC_CTLR.FIQEn says so")
{
    gic_start();
    kind_count = 0;
    irq_hook = note_kind;
    set_bit(GICD_IGROUPR, 65);
    *gicd(GICD_CTLR) = BOTH;
    *gicc(GICC_CTLR) = BOTH | FIQ_EN | ACK_CTL;
    pend(64, 0x50);
    pend(65, 0x40);
    unmask();
    mask();
    equal(kind_count, 2, "interrupts");
    equal(kinds[0], 65 << 1, "the first: of group 1, as IRQ");
    equal(kinds[1], 64 << 1 | 1, "the second: of group 0, as FIQ");
    gic_start();
}

/// One of group 1, the distributor with both groups on, and the interface too.
static void pend_in_group_1(u32 intid)
{
    gic_start();
    set_bit(GICD_IGROUPR, intid);
    pend(intid, 0x50);
    *gicd(GICD_CTLR) = BOTH;
    *gicc(GICC_CTLR) = BOTH;
}

TEST(group_off, "an interrupt whose group is off waits, in the distributor and at the interface")
{
    pend_in_group_1(66);
    *gicd(GICD_CTLR) = 1;
    equal(*gicc(GICC_HPPIR), NOTHING_PENDING, "GICC_HPPIR while GICD_CTLR has the group off");
    *gicd(GICD_CTLR) = BOTH;
    *gicc(GICC_CTLR) = 1;
    unmask();
    isb();
    expect_irqs(0, "interrupts while GICC_CTLR has the group off");
    *gicc(GICC_CTLR) = BOTH | ACK_CTL;
    isb();
    mask();
    expect_irqs(1, "interrupts when it is on");
    gic_start();
}

TEST(wrong_group, "GICC_IAR does not acknowledge an interrupt of group 1")
{
    pend_in_group_1(67);
    equal(*gicc(GICC_HPPIR), GROUP_1, "GICC_HPPIR");
    equal(*gicc(GICC_IAR), GROUP_1, "GICC_IAR");
    equal(get_bit(GICD_ISPENDR, 67), 1, "GICD_ISPENDRn");
    gic_start();
}

TEST(aliases, "GICC_AIAR and GICC_AEOIR acknowledge and end an interrupt of group 1")
{
    pend_in_group_1(68);
    equal(*gicc(GICC_AHPPIR), 68, "GICC_AHPPIR");
    equal(*gicc(GICC_AIAR), 68, "GICC_AIAR");
    equal(get_bit(GICD_ISACTIVER, 68), 1, "GICD_ISACTIVERn");
    *gicc(GICC_AEOIR) = 68;
    equal(get_bit(GICD_ISACTIVER, 68), 0, "GICD_ISACTIVERn");
    gic_start();
}

static void uart_start(u32 imsc)
{
    gic_start();
    *uart(UART_IMSC) = 0;
    *uart(UART_ICR) = 0x7ff;
    *uart(UART_CR) = UART_ON;
    *uart(UART_IMSC) = imsc;
    set_bit(GICD_ISENABLER, UART_INTID);
}
static void uart_stop(void)
{
    *uart(UART_IMSC) = 0;
    *uart(UART_CR) = UART_ON;
}

static void fourth_time(u32 iar, struct frame *f)
{
    (void)iar, (void)f;
    if (irqs == 4)
        *uart(UART_ICR) = UART_TX;
}

TEST(line_stays, "a device's line that is still high at the end of its interrupt interrupts again")
{
    uart_start(UART_TX);
    irq_hook = fourth_time;
    *uart(UART_DR) = '\n';
    equal(get_bit(GICD_ISPENDR, UART_INTID), 1, "GICD_ISPENDR1");
    unmask();
    mask();
    u32 const count = irqs;
    uart_stop();
    equal(count, 4, "interrupts");
    equal(get_bit(GICD_ISPENDR, UART_INTID), 0, "GICD_ISPENDR1 in the end");
}

TEST(line_goes, "a device's line that goes low before the interrupt is taken interrupts nobody")
{
    uart_start(UART_TX);
    *uart(UART_DR) = '\n';
    *uart(UART_ICR) = UART_TX;
    unmask();
    mask();
    u32 const count = irqs;
    uart_stop();
    equal(count, 0, "interrupts");
}

TEST(line_is_no_latch, "a device's line is pending whatever GICD_ICPENDR says")
{
    uart_start(UART_TX);
    *uart(UART_DR) = '\n';
    set_bit(GICD_ICPENDR, UART_INTID);
    u32 const pending = get_bit(GICD_ISPENDR, UART_INTID);
    uart_stop();
    equal(pending, 1, "GICD_ISPENDR1");
}

static u32 heard[4], heard_count;
static void hear(u32 iar, struct frame *f)
{
    (void)iar, (void)f;
    u32 const c = *uart(UART_DR);
    if (heard_count != 4)
        heard[heard_count++] = c;
}

TEST(receives, "what the UART receives interrupts until it is read")
{
    uart_start(UART_RX | UART_RT);
    heard_count = 0;
    irq_hook = hear;
    *uart(UART_CR) = UART_ON | UART_LOOPBACK;
    for (u32 n = 0; n != 3; ++n)
        *uart(UART_DR) = 'a' + n;
    unmask();
    mask();
    u32 const left = get_bit(GICD_ISPENDR, UART_INTID);
    uart_stop();
    equal(heard_count, 3, "interrupts");
    for (u32 n = 0; n != 3; ++n)
        equal(heard[n], 'a' + n, "a character");
    equal(left, 0, "GICD_ISPENDR1 in the end");
}

TEST(edge, "an interrupt that is configured as an edge comes once for each time that it is made pending")
{
    gic_start();
    *gicd(GICD_ICFGR + 4 * 5) = 2 << 2; // 81
    unmask();
    for (u32 n = 1; n != 4; ++n) {
        pend(81, 0x40);
        isb();
        expect_irqs(n, "interrupts");
    }
    mask();
    gic_start();
}
