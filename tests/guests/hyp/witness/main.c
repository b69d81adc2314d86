// SPDX-License-Identifier: Apache-2.0
// A well-behaved neighbour of the hostile guests: it keeps patterns in its memory and in the registers that a
// switch of guests has to keep, takes its timer's ticks, and says every now and then that it lives.
// Asked by 'q' on its console it checks everything and switches off.
#include "pattern.h"
#include "vfp.h"
#include "witness.h"

enum { TICK_US = 20000 };

static u32 volatile taken;

static u32 *words(void) { return (u32 *)SCRATCH; }

static void check_registers(void)
{
    for (u32 n = 0; n != witness_registers; ++n) {
        u32 const found = witness_read(n), kept = witness_value(n);
        if (found != kept) {
            complain("register changed, number", n);
            complain("it is now", found);
            witness_write(n);
        }
    }
    if (vfp_differs(0x5eed0000))
        complain("words of VFP changed:", vfp_differs(0x5eed0000));
}

static u32 user(u32 a, u32 b) { return a + b + (read_cpsr() & MODE); }

static void timer_tick(u32 iar, struct frame *f)
{
    (void)f;
    if (iar != CNTV_INTID)
        complain("an interrupt that nobody has asked for:", iar);
    cntv(0, 0);
    ++taken;
}

static void tick(u32 number)
{
    static u64 last;
    u64 const now = cntvct();
    if (now <= last)
        complain("time does not rise", (u32)now);
    last = now;
    u32 const chunk = PATTERN_SIZE / 4 / 64;
    check_pattern(number % 64 * chunk, chunk);
    check_registers();
    if (call_user(user, number, 5) != number + 5 + USR)
        complain("user mode went wrong, tick", number);
    if (number % TICKS_PER_LINE == 0)
        print("witness: tick %u\n", number);
}

static void start(void)
{
    set_vectors();
    mmu_long();
    for (u32 n = 0; n != PATTERN_SIZE / 4; ++n)
        words()[n] = pattern(n);
    for (u32 n = 0; n != witness_registers; ++n)
        witness_write(n);
    vfp_open();
    vfp_fill(0x5eed0000);
    gic_start();
    irq_hook = timer_tick;
    set_bit(GICD_ISENABLER, CNTV_INTID);
}

void guest_main(void)
{
    start();
    for (u32 number = 0; !asked_to_end(); ++number) {
        u64 const next = cntvct() + ticks(TICK_US);
        u32 const before = taken;
        cntv(TIMER_ON, next);
        while (taken == before) {
            wfi(); // masked: a tick before it still ends it
            unmask();
            isb();
            mask();
        }
        if (cntvct() < next)
            complain("the timer is early by", (u32)(next - cntvct()));
        tick(number);
    }
    check_pattern(0, PATTERN_SIZE / 4);
    check_registers();
    print(sound ? "witness: ok\n" : "witness: FAIL, see above\n");
}
