// SPDX-License-Identifier: Apache-2.0
// WFI, WFE and CPU_SUSPEND: what ends them; and who may look at the counters.
#include "timer.h"

static void sleep_by_wfi(void) { wfi(); }
static void sleep_by_suspend(void) { hvc(PSCI_CPU_SUSPEND, 0, 0, 0); }

/// Waits with its interrupts masked or not, until the timer has fired.
static void waits(struct timer const *t, void (*sleep)(void), bool masked)
{
    for (u32 n = 0; n != 10; ++n) {
        timer_start(t);
        if (!masked)
            unmask();
        u64 const due = cntvct() + ticks(n % 2 ? 2000 : 20);
        t->set(TIMER_ON, due);
        u32 rounds = 0;
        while (masked ? !(t->ctl() & TIMER_FIRED) : !irqs) {
            if (!masked) // an interrupt between the test and the wait would be missed
                mask();
            if (masked || !irqs)
                sleep();
            if (!masked)
                unmask();
            isb();
            ++rounds;
            CHECK(cntvct() < due + ticks(2000000), "nothing woke it");
        }
        CHECK(cntvct() >= due, "it was over too early");
        CHECK(rounds <= 2, "%u rounds: it did not wait", rounds);
        if (masked) {
            expect_irqs(0, "interrupts while they are masked");
            unmask();
            wait_for_irqs(1);
        }
        mask();
        expect_irqs(1, "interrupts");
    }
}

TEST(cntv_wfi, "WFI waits for CNTV, whether interrupts are masked or not")
{
    waits(&virtual_timer, sleep_by_wfi, true);
    waits(&virtual_timer, sleep_by_wfi, false);
}

TEST(cntp_wfi, "WFI waits for CNTP, whether interrupts are masked or not")
{
    waits(&physical_timer, sleep_by_wfi, true);
    waits(&physical_timer, sleep_by_wfi, false);
}

TEST(suspend, "CPU_SUSPEND waits as WFI does")
{
    waits(&virtual_timer, sleep_by_suspend, true);
    waits(&physical_timer, sleep_by_suspend, false);
}

TEST(pending_wfi, "WFI does not wait while an interrupt is pending, not even with all masked")
{
    timer_start(&virtual_timer);
    cntv(TIMER_ON, cntvct());
    spin(100);
    for (u32 n = 0; n != 100; ++n)
        wfi();
    set_bit(GICD_ISENABLER, 44);
    set_bit(GICD_ISPENDR, 44);
    cntv(0, 0);
    for (u32 n = 0; n != 100; ++n)
        wfi();
    equal(get_bit(GICD_ISPENDR, 44), 1, "GICD_ISPENDR1");
}

TEST(clock, "WFI waits for the clock's alarm, which is an interrupt as any other")
{
    u32 volatile *const rtc = (u32 volatile *)VAMBRACE_PL031_IPA;
    timer_start(&physical_timer);
    set_bit(GICD_ISENABLER, CLOCK_INTID);
    rtc[1] = rtc[0] + 1; // RTCMR, RTCDR
    rtc[4] = 1;          // RTCIMSC
    u32 rounds = 0;
    for (; rounds != 5 && !get_bit(GICD_ISPENDR, CLOCK_INTID); ++rounds)
        wfi();
    equal(get_bit(GICD_ISPENDR, CLOCK_INTID), 1, "GICD_ISPENDR1");
    equal(rounds, 1, "waits");
    equal(rtc[0], rtc[1], "RTCDR");
    rtc[7] = 1; // RTCICR
    equal(get_bit(GICD_ISPENDR, CLOCK_INTID), 0, "GICD_ISPENDR1 in the end");
    rtc[4] = 0;
}

TEST(wfe, "WFE comes back, with an event and without")
{
    for (u32 n = 0; n != 100; ++n)
        __asm__ volatile("sev\n wfe\n wfe\n yield");
}

static u32 read_virtual(u32 a, u32 b) { return (void)a, (void)b, (u32)MRRC(1, 14) | 1; }
static u32 read_physical(u32 a, u32 b) { return (void)a, (void)b, (u32)MRRC(0, 14) | 1; }
static u32 read_cntv(u32 a, u32 b) { return (void)a, (void)b, MRC(0, 14, 3, 1) | 1; }
static u32 read_cntp(u32 a, u32 b) { return (void)a, (void)b, MRC(0, 14, 2, 1) | 1; }

TEST(user_reads, "user mode sees the counters and timers that CNTKCTL opens, and no other")
{
    static struct {
        access_fn *fn;
        u32 bit;
    } const all[] = {{read_physical, 1}, {read_virtual, 2}, {read_cntv, 1 << 8}, {read_cntp, 1 << 9}};
    for (u32 n = 0; n != 4; ++n) {
        for (u32 open = 0; open != 2; ++open) {
            MCR(0, 14, 1, 0, open ? all[n].bit : 0x303 & ~all[n].bit);
            catch_traps();
            call_user(all[n].fn, 0, 0);
            release_traps();
            equal(trap.kind, open ? NO_TRAP : UNDEFINED, "kind of trap");
        }
    }
    MCR(0, 14, 1, 0, 0);
}
