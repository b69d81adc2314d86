// SPDX-License-Identifier: Apache-2.0
// The PL031: read and set well and badly, and its alarm.
// needs: pl031
// beside: rtc_setter
#include "guest.h"

enum {
    DR = 0x00,
    MR = 0x04,
    LR = 0x08,
    CR = 0x0c,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1c,
    ID = 0xfe0
};
enum { ALARM = 1 << VAMBRACE_IRQ_PL031, IN_2023 = 1672531200, SECOND = 1000000000 };

static u32 volatile *rtc(u32 offset) { return (u32 volatile *)(VAMBRACE_PL031_IPA + offset); }

/// A time that is just beginning: what is done next is done within its second.
static u32 new_second(void)
{
    u32 const then = *rtc(DR);
    while (*rtc(DR) == then)
        ;
    return then + 1;
}

TEST(identification, "its identification is a PL031's")
{
    mmu_on();
    u32 const bytes[8] = {0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};
    for (u32 n = 0; n != 8; ++n)
        equal(*rtc(ID + 4 * n), bytes[n], "identification");
}

TEST(board_time, "it shows the board's time before anybody sets it, whatever other guests do to theirs")
{
    mmu_on();
    for (u64 const end = time_ns() + SECOND;
         time_ns() < end;) // the neighbour sets its own to 1970 all the time
        CHECK(*rtc(DR) > IN_2023, "the time is %u", *rtc(DR));
}

TEST(ticks, "it ticks once a second of hypervisor time")
{
    mmu_on();
    u32 const start = new_second();
    u64 const from = time_ns();
    while (*rtc(DR) - start < 2)
        ;
    u64 const took = time_ns() - from;
    CHECK(took > 3ull * SECOND / 2 && took < 12ull * SECOND, "two seconds took %u ms", (u32)(took / 1000000));
}

TEST(set, "setting it takes effect at once and lasts, at every value")
{
    mmu_on();
    u32 const times[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 86400};
    for (u32 n = 0; n != 6; ++n) {
        *rtc(LR) = times[n];
        u32 const shown = *rtc(DR);
        CHECK(shown - times[n] <= 5, "it shows %u, not %u", shown, times[n]);
        equal(*rtc(LR), times[n], "RTCLR");
    }
}

TEST(parts, "bytes and halfwords are parts of words, at every place")
{
    mmu_on();
    *rtc(MR) = 0x81828384;
    for (u32 n = 0; n != 4; ++n)
        equal(*((u8 volatile *)rtc(MR) + n), 0x84 - n, "byte");
    equal(*((u16 volatile *)rtc(MR) + 1), 0x8182, "halfword");
    *((u8 volatile *)rtc(MR) + 2) = 0xaa;
    equal(*rtc(MR), 0xaa0000, "RTCMR after a byte");
    *((u16 volatile *)rtc(MR) + 1) = 0xbbcc;
    equal(*rtc(MR), 0xbbcc0000, "RTCMR after a halfword");
}

TEST(hostile, "no access to any of its registers, of any size, does more than the manual says")
{
    mmu_on();
    *rtc(LR) = 1000;
    for (u32 n = 0; n != access_count; ++n)
        for (u32 offset = 0; offset < PAGE; offset += offset < 0x40 ? 1 : 0x3d) {
            u32 const kind = probe(accesses[n].kernel, VAMBRACE_PL031_IPA + offset, 0xffffffff);
            CHECK(kind == NO_TRAP || kind == DATA_KERNEL, "%s at %x gives trap %u", accesses[n].name, offset,
                  kind);
        }
    equal(*rtc(CR), 1, "RTCCR");
    equal(*rtc(IMSC) & ~1u, 0, "RTCIMSC");
    equal(*rtc(0x20), 0, "a register that is not there");
    equal(*rtc(ID), 0x31, "identification");
    *rtc(IMSC) = 0;
    *rtc(DR) = *rtc(RIS) = *rtc(MIS) = 0;
    *rtc(LR) = 5000;
    u32 const shown = *rtc(DR);
    CHECK(shown - 5000 <= 5, "it shows %u", shown);
}

TEST(user, "guest user reaches it where the guest maps it, and only so")
{
    mmu_on();
    map_page(l1, 0x20100000, VAMBRACE_PL031_IPA, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0x20101000, VAMBRACE_PL031_IPA, aps(KERNEL), DOMAIN_USER);
    *rtc(MR) = 0x12345678;
    equal(run_user(user_address(user_ldr), 0x20100000 + MR, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[1], 0x12345678, "what guest user reads");
    equal(run_user(user_address(user_str), 0x20100000 + MR, 0x1111), SVC_USER, "kind of trap");
    equal(*rtc(MR), 0x1111, "what guest user wrote");
    equal(run_user(user_address(user_ldr), 0x20101000 + MR, 0), DATA_USER, "kind of trap");
}

static void alarm_in(u32 seconds)
{
    *rtc(IMSC) = 0;
    *rtc(ICR) = 1;
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->irq_pending = 0;
    irqs_taken = irqs_seen = 0;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_PL031, 1);
    *rtc(LR) = 1000;
    *rtc(MR) = 1000 + seconds;
    *rtc(IMSC) = 1;
}

TEST(alarm, "the alarm wakes a guest that waits, when the counter is at the match register")
{
    mmu_on();
    alarm_in(2);
    equal(shared()->irq_pending, 0, "irq_pending before");
    CALL1(IDLE, 0);
    equal(shared()->irq_pending, ALARM, "irq_pending");
    CHECK(*rtc(DR) >= 1002, "it is %u only", *rtc(DR));
    equal(*rtc(RIS), 1, "RTCRIS");
    equal(*rtc(MIS), 1, "RTCMIS");
    *rtc(ICR) = 1;
    equal(*rtc(RIS), 0, "RTCRIS after RTCICR");
    equal(shared()->irq_pending, 0, "irq_pending after RTCICR");
}

/// It is a level: it would come again.
static bool silence(struct trap *t)
{
    if (t->kind == IRQ_KERNEL)
        *rtc(ICR) = 1;
    return false;
}

TEST(alarm_interrupts, "the alarm interrupts a guest that runs")
{
    mmu_on();
    alarm_in(1);
    trap_hook = silence;
    shared()->irq_mask = 0;
    for (u64 const latest = time_ns() + 20ull * SECOND; !irqs_taken && time_ns() < latest;)
        ;
    trap_hook = NULL;
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal(irqs_taken, 1, "interrupts taken");
    equal(irqs_seen, ALARM, "interrupts seen");
}

TEST(alarm_masked, "a masked alarm does not interrupt, and is not forgotten")
{
    mmu_on();
    alarm_in(1);
    *rtc(IMSC) = 0;
    while (!*rtc(RIS))
        CHECK(*rtc(DR) < 1010, "it does not come");
    equal(*rtc(MIS), 0, "RTCMIS");
    equal(shared()->irq_pending, 0, "irq_pending");
    *rtc(IMSC) = 1;
    equal(shared()->irq_pending, ALARM, "irq_pending after RTCIMSC");
    *rtc(IMSC) = 0;
    equal(shared()->irq_pending, 0, "irq_pending after RTCIMSC = 0");
    *rtc(ICR) = 1;
}

TEST(alarm_now, "a match with the present second interrupts at once, one that is past does not")
{
    mmu_on();
    alarm_in(100);
    *rtc(LR) = 1100;
    equal(shared()->irq_pending, ALARM, "irq_pending");
    *rtc(ICR) = 1;
    *rtc(MR) = 500;
    equal(*rtc(RIS), 0, "RTCRIS");
    *rtc(IMSC) = 0;
}

TEST(storm, "setting alarms as fast as it goes harms nobody")
{
    mmu_on();
    alarm_in(100);
    u32 seed = 1;
    for (u32 n = 0; n != 2000; ++n) {
        *rtc(n % 3 == 0 ? LR : MR) = 1000 + (next_random(&seed) & 3);
        if (n % 5 == 0)
            *rtc(ICR) = 1;
    }
    *rtc(IMSC) = 0;
    *rtc(ICR) = 1;
    equal(shared()->irq_pending & ALARM, 0, "irq_pending");
}
