// SPDX-License-Identifier: Apache-2.0
// The generic timer (DDI 0406C chapter B8): the virtual one is the core's own, the physical one is emulated.
// icount: 3
#include "timer.h"

TEST(counters, "the virtual and the physical count are one, never fall, and count at CNTFRQ")
{
    u64 last = cntvct();
    for (u32 n = 0; n != 2000; ++n) {
        isb();
        u64 const physical = MRRC(0, 14), virtual = cntvct();
        CHECK(physical >= last && virtual >= physical, "the count falls");
        last = virtual;
    }
    CHECK(cntfrq() >= 1000000, "CNTFRQ is %u", cntfrq());
}

static void registers_of(struct timer const *t)
{
    t->set(0, 0);
    equal(t->ctl(), 0, "CTL");
    t->set(TIMER_ON | TIMER_MASKED, 0x123456789abcull << 8);
    equal(t->ctl(), TIMER_ON | TIMER_MASKED, "CTL before the time");
    u64 const cval = t->cval();
    equal((u32)(cval >> 32), 0x123456, "CVAL's upper word");
    equal((u32)cval, 0x789abc00, "CVAL's lower word");
    t->set(TIMER_ON | TIMER_MASKED, 0);
    equal(t->ctl(), TIMER_ON | TIMER_MASKED | TIMER_FIRED, "CTL after the time");
    t->set_tval((u32)ticks(1000000));
    u64 const due = t->cval(), now = cntvct();
    CHECK(due > now && due - now <= ticks(1000000), "CVAL after a write of TVAL");
    u32 const left = t->tval();
    CHECK(left && left <= due - now, "TVAL is %x", left);
    equal(t->ctl(), TIMER_ON | TIMER_MASKED, "CTL before that time");
    t->set_tval((u32)-1000);
    CHECK(t->cval() < cntvct(), "CVAL after a write of a negative TVAL");
    CHECK((int)t->tval() < 0, "TVAL is %x", t->tval());
    equal(t->ctl(), TIMER_ON | TIMER_MASKED | TIMER_FIRED, "CTL after that");
    t->set(0, 0);
}

TEST(cntv_registers, "CNTV's registers hold what is written, and TVAL is the distance of CVAL")
{
    registers_of(&virtual_timer);
}
TEST(cntp_registers, "CNTP's registers hold what is written, and TVAL is the distance of CVAL")
{
    registers_of(&physical_timer);
}

static void interrupts_of(struct timer const *t)
{
    timer_start(t);
    u64 const due = cntvct() + ticks(300);
    t->set(TIMER_ON, due);
    unmask();
    wait_for_irqs(1);
    mask();
    CHECK(cntvct() >= due, "too early");
    equal(irq_log[0], t->intid, "GICC_IAR");
    equal(t->ctl(), 0, "CTL, as the hook has left it");
    spin(1000);
    unmask();
    isb();
    mask();
    expect_irqs(1, "interrupts");
}

TEST(cntv_interrupts, "CNTV interrupts when its time has come, and once") { interrupts_of(&virtual_timer); }
TEST(cntp_interrupts, "CNTP interrupts when its time has come, and once") { interrupts_of(&physical_timer); }

static struct timer const *rearmed;
static u64 next_due;
static bool early;
static void rearm(u32 iar, struct frame *f)
{
    (void)iar, (void)f;
    early |= cntvct() < next_due;
    next_due = cntvct() + ticks(irqs % 3 ? 50 : 500);
    rearmed->set_cval(next_due);
}

/// Control is left as it is: what an RTOS does.
static void rearms(struct timer const *t)
{
    timer_start(t);
    irq_hook = rearm;
    rearmed = t;
    early = false;
    next_due = cntvct() + ticks(100);
    t->set(TIMER_ON, next_due);
    unmask();
    wait_for_irqs(200);
    mask();
    t->set(0, 0);
    CHECK(!early, "one was early");
    CHECK(irqs >= 200, "%u interrupts", irqs);
}

TEST(cntv_cval_only, "CNTV comes two hundred times though nothing but CVAL is written")
{
    rearms(&virtual_timer);
}
TEST(cntp_cval_only, "CNTP comes two hundred times though nothing but CVAL is written")
{
    rearms(&physical_timer);
}

static void fourth_time(u32 iar, struct frame *f)
{
    (void)iar, (void)f;
    if (irqs == 4)
        rearmed->set(0, 0);
}

static void level_of(struct timer const *t)
{
    timer_start(t);
    rearmed = t;
    irq_hook = fourth_time;
    t->set(TIMER_ON, cntvct());
    unmask();
    wait_for_irqs(4);
    spin(500);
    mask();
    expect_irqs(4, "interrupts");
}

TEST(cntv_level, "CNTV interrupts again at its end if nothing was done about it")
{
    level_of(&virtual_timer);
}
TEST(cntp_level, "CNTP interrupts again at its end if nothing was done about it")
{
    level_of(&physical_timer);
}

static void imask_of(struct timer const *t)
{
    timer_start(t);
    unmask();
    t->set(TIMER_ON | TIMER_MASKED, cntvct());
    spin(500);
    expect_irqs(0, "interrupts with IMASK");
    equal(t->ctl() & TIMER_FIRED, TIMER_FIRED, "CTL.ISTATUS");
    t->set_ctl(TIMER_ON);
    wait_for_irqs(1);
    expect_irqs(1, "interrupts when IMASK is cleared");
    t->set(0, 0); // off, with its time past
    spin(500);
    mask();
    expect_irqs(1, "interrupts while it is off");
}

TEST(cntv_imask, "CNTV does not interrupt with IMASK set, nor while it is off") { imask_of(&virtual_timer); }
TEST(cntp_imask, "CNTP does not interrupt with IMASK set, nor while it is off") { imask_of(&physical_timer); }

static void disabled_of(struct timer const *t)
{
    timer_start(t);
    set_bit(GICD_ICENABLER, t->intid);
    unmask();
    t->set(TIMER_ON, cntvct());
    spin(500);
    expect_irqs(0, "interrupts while it is disabled");
    equal(get_bit(GICD_ISPENDR, t->intid), 1, "GICD_ISPENDR0");
    set_bit(GICD_ISENABLER, t->intid);
    wait_for_irqs(1);
    mask();
    expect_irqs(1, "interrupts when it is enabled");
}

TEST(cntp_disabled, "CNTP is pending in the distributor while that has it disabled")
{
    disabled_of(&physical_timer);
}
TEST(cntv_disabled, "CNTV is pending in the distributor while that has it disabled")
{
    disabled_of(&virtual_timer);
}

TEST(sooner, "a time that is moved from the far future to the near one is kept")
{
    for (u32 n = 0; n != 2; ++n) {
        struct timer const *const t = n ? &physical_timer : &virtual_timer;
        timer_start(t);
        t->set(TIMER_ON, ~0ull);
        spin(100);
        t->set_cval(cntvct() + ticks(200));
        unmask();
        wait_for_irqs(1);
        mask();
        expect_irqs(1, "interrupts");
    }
}

TEST(both, "both timers come, each in its time, a hundred times")
{
    static u32 seen[2];
    timer_start(&virtual_timer);
    set_bit(GICD_ISENABLER, CNTP_INTID);
    seen[0] = seen[1] = 0;
    for (u32 n = 0; n != 100; ++n) {
        forget_irqs();
        cntv(TIMER_ON, cntvct() + ticks(40));
        cntp(TIMER_ON, cntvct() + ticks(n % 2 ? 30 : 50));
        unmask();
        wait_for_irqs(2);
        mask();
        ++seen[irq_log[0] == CNTP_INTID];
        CHECK(irqs == 2 && irq_log[0] + irq_log[1] == CNTV_INTID + CNTP_INTID, "%u interrupts", irqs);
    }
}

TEST(by_software, "a timer's interrupt that software makes pending comes once")
{
    for (u32 intid = CNTV_INTID; intid <= CNTP_INTID; intid += CNTP_INTID - CNTV_INTID) {
        timer_start(&virtual_timer);
        set_bit(GICD_ISENABLER, intid);
        set_bit(GICD_ISPENDR, intid);
        unmask();
        isb();
        mask();
        expect_irqs(1, "interrupts");
        equal(irq_log[0], intid, "GICC_IAR");
    }
}
