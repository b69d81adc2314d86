// SPDX-License-Identifier: Apache-2.0
// Which interrupts come, in which order, and what ends them.
#include "gic.h"

u32 const spread[12] = {37, 61, 40, 95, 34, 72, 48, 33 + 31, 81, 50, 90, 44};

void pend(u32 intid, u8 priority)
{
    *priority_of(intid) = priority;
    set_bit(GICD_ISENABLER, intid);
    set_bit(GICD_ISPENDR, intid);
}

/// GICC_IAR. What is next may take a moment to get there after an end.
static u32 acknowledged(void)
{
    for (u32 n = 0; n != 3; ++n) {
        u32 const intid = *gicc(GICC_IAR) & 0x3ff;
        if (intid != NOTHING_PENDING)
            return intid;
        (void)*gicd(GICD_ISPENDR);
    }
    return NOTHING_PENDING;
}

TEST(sgis, "all sixteen SGIs to oneself come, by the list of targets and by the filter")
{
    gic_start();
    unmask();
    for (u32 n = 0; n != 32; ++n) {
        forget_irqs();
        *gicd(GICD_SGIR) = (n & 16 ? 2 << 24 : 1 << 16) | (n & 15);
        isb();
        expect_irqs(1, "interrupts by an SGI");
        equal(irq_log[0], n & 15, "GICC_IAR");
    }
    forget_irqs();
    *gicd(GICD_SGIR) = 1 << 24 | 5; // all others
    *gicd(GICD_SGIR) = 0xfe << 16 | 5;
    isb();
    mask();
    expect_irqs(0, "interrupts by an SGI to others");
}

TEST(all_sgis, "all sixteen SGIs that are pending at once come, each once")
{
    gic_start();
    for (u32 n = 0; n != 16; ++n)
        *gicd(GICD_SGIR) = 2 << 24 | n;
    equal(*gicd(GICD_ISPENDR), 0xffff, "GICD_ISPENDR0");
    unmask();
    mask();
    expect_irqs(16, "interrupts");
    u32 seen = 0;
    for (u32 n = 0; n != 16; ++n)
        seen |= 1u << irq_log[n];
    equal(seen, 0xffff, "which ones");
    equal(*gicd(GICD_ISPENDR), 0, "GICD_ISPENDR0");
}

TEST(order, "twelve that are pending at once come in the order of their priorities")
{
    gic_start();
    for (u32 n = 0; n != 12; ++n)
        pend(spread[n], (u8)(0x10 + (n * 5 % 12) * 8));
    unmask();
    mask();
    expect_irqs(12, "interrupts");
    for (u32 n = 0; n != 12; ++n)
        equal(irq_log[n * 5 % 12], spread[n], "one of them");
}

TEST(many, "all SPIs and software's PPIs that are pending at once come, each once")
{
    static u32 count[INTIDS];
    gic_start();
    for (u32 n = 0; n != INTIDS; ++n)
        count[n] = 0;
    for (u32 n = 32; n != INTIDS; ++n)
        pend(n, (u8)(n % 30 * 8)); // 0xf8 never comes: no mask is below it
    for (;;) {
        u32 const intid = acknowledged();
        if (intid == NOTHING_PENDING)
            break;
        CHECK(intid < INTIDS, "INTID %u", intid);
        ++count[intid];
        *gicc(GICC_EOIR) = intid;
    }
    for (u32 n = 0; n != INTIDS; ++n)
        CHECK(count[n] == (n >= 32), "%u came %u times", n, count[n]);
}

static u32 inner, outer_rpr;
static void preempted(u32 iar, struct frame *f)
{
    (void)f;
    if (iar != 50)
        return;
    outer_rpr = *gicc(GICC_RPR);
    u32 const before = irqs;
    pend(51, 0x50); // the same priority
    pend(52, 0x58); // lower
    take_nested();
    equal(irqs, before, "interrupts of the same and lower priority meanwhile");
    pend(53, 0x48); // higher
    take_nested();
    inner = irqs - before;
}

TEST(preemption, "an interrupt is interrupted by one of higher priority and by no other")
{
    gic_start();
    irq_hook = preempted;
    pend(50, 0x50);
    unmask();
    mask();
    equal(inner, 1, "interrupts of higher priority meanwhile");
    equal(outer_rpr, 0x50, "GICC_RPR");
    expect_irqs(4, "interrupts");
    equal(irq_log[1], 53, "the second");
    equal(irq_log[2], 51, "the third");
    equal(irq_log[3], 52, "the last");
    equal(*gicc(GICC_RPR), 0xff, "GICC_RPR in the end");
}

enum { DEEP = 10 };
static u32 depth, deepest;
static void deeper(u32 iar, struct frame *f)
{
    (void)f;
    ++depth;
    if (depth > deepest)
        deepest = depth;
    if (depth < DEEP) {
        pend(60 + depth, (u8)(0xa0 - 8 * depth));
        take_nested();
    }
    equal(get_bit(GICD_ISACTIVER, iar), 1, "GICD_ISACTIVERn");
    --depth;
}

TEST(nested, "ten interrupts that interrupt each other are active, and end one after the other")
{
    gic_start();
    irq_hook = deeper;
    depth = deepest = 0;
    pend(60, 0xa0);
    unmask();
    mask();
    equal(deepest, DEEP, "how deep");
    expect_irqs(DEEP, "interrupts");
    for (u32 n = 0; n != INTIDS / 32; ++n)
        equal(*gicd(GICD_ISACTIVER + 4 * n), 0, "GICD_ISACTIVERn");
    pend(60, 0xa0);
    irq_hook = NULL;
    unmask();
    mask();
    expect_irqs(DEEP + 1, "interrupts, and one more");
}

TEST(priority_mask, "GICC_PMR holds back what is not above it, until it is lowered")
{
    gic_start();
    *gicc(GICC_PMR) = 0x80;
    pend(70, 0x80);
    pend(71, 0x78);
    unmask();
    isb();
    expect_irqs(1, "interrupts above the mask");
    equal(irq_log[0], 71, "which");
    *gicc(GICC_PMR) = 0x88;
    isb();
    mask();
    expect_irqs(2, "interrupts in the end");
}

TEST(disabled, "an interrupt that is pending while it, or the distributor, is disabled comes later")
{
    gic_start();
    unmask();
    set_bit(GICD_ISPENDR, 45);
    expect_irqs(0, "interrupts while it is disabled");
    set_bit(GICD_ISENABLER, 45);
    isb();
    expect_irqs(1, "interrupts when it is enabled");
    *gicd(GICD_CTLR) = 0;
    set_bit(GICD_ISPENDR, 45);
    expect_irqs(1, "interrupts while the distributor is off");
    *gicd(GICD_CTLR) = 1;
    isb();
    expect_irqs(2, "interrupts when it is on");
    *gicc(GICC_CTLR) = 0;
    set_bit(GICD_ISPENDR, 45);
    isb();
    expect_irqs(2, "interrupts while the interface is off");
    *gicc(GICC_CTLR) = 1;
    isb();
    mask();
    expect_irqs(3, "interrupts in the end");
}

static void disable_it(u32 iar, struct frame *f)
{
    (void)f;
    set_bit(GICD_ICENABLER, iar);
}

TEST(disabled_while_active, "an interrupt that is disabled while it is active ends as any other")
{
    gic_start();
    irq_hook = disable_it;
    pend(46, 0x40);
    unmask();
    expect_irqs(1, "interrupts");
    equal(get_bit(GICD_ISACTIVER, 46), 0, "GICD_ISACTIVERn");
    set_bit(GICD_ISPENDR, 46);
    expect_irqs(1, "interrupts while it is disabled");
    set_bit(GICD_ISENABLER, 46);
    isb();
    mask();
    expect_irqs(2, "interrupts in the end");
}

TEST(withdrawn, "an interrupt that is no longer pending when it could come does not come")
{
    gic_start();
    for (u32 n = 0; n != 6; ++n)
        pend(80 + n, 0x60);
    set_bit(GICD_ICPENDR, 80);
    set_bit(GICD_ICPENDR, 85);
    set_bit(GICD_ICENABLER, 82);
    unmask();
    mask();
    expect_irqs(3, "interrupts");
    equal(*gicc(GICC_IAR), NOTHING_PENDING, "GICC_IAR when nothing is pending");
}

TEST(active_by_software, "an interrupt that software has made active does not come until it is inactive")
{
    gic_start();
    set_bit(GICD_ISACTIVER, 47);
    pend(47, 0x40);
    unmask();
    isb();
    expect_irqs(0, "interrupts while it is active");
    set_bit(GICD_ICACTIVER, 47);
    isb();
    mask();
    expect_irqs(1, "interrupts in the end");
}
