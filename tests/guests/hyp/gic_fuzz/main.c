// SPDX-License-Identifier: Apache-2.0
// Random accesses of every size to the distributor and the CPU interface, while timers and UART interrupt.
// hostile: ends by itself
#include "hyp.h"

enum { ROUNDS = 60, ACCESSES = 1500 };
static u32 state = 0x61cfa22e;

/// More often where registers are.
static u32 offset(void)
{
    u32 const random = next_random(&state);
    switch (random & 7) {
    case 0: return random >> 8 & 0xffff;
    case 1: return 0xf00 + (random >> 8 & 0x3f);
    case 2: return random >> 8 & 0xfff;
    default: return (random >> 8 & 0xf) * 0x80 + (random >> 16 & 0xf); // words 0 to 3 of a region
    }
}

static u32 value(void)
{
    u32 const random = next_random(&state);
    return random & 1 ? random : random & 2 ? 1u << (random >> 8 & 31) : random & 4 ? ~0u : 0;
}

static u32 one_access(u32 address, u32 what)
{
    u32 const size = next_random(&state) % 5;
    bool const store = next_random(&state) & 1;
    switch (size) {
    case 0: return store ? *(u8 volatile *)address = (u8)what : *(u8 volatile *)address;
    case 1: address &= ~1u; return store ? *(u16 volatile *)address = (u16)what : *(u16 volatile *)address;
    default: address &= ~3u; return store ? *(u32 volatile *)address = what : *(u32 volatile *)address;
    }
}

static u32 own_line(u32 number)
{
    u32 const when = next_random(&state) & 0xfff;
    switch (number & 7) {
    case 0: cntv(TIMER_ON, cntvct() + when); return 0;
    case 1: cntp(TIMER_ON, cntvct() + when); return 0;
    case 2: *uart(0x38) = value() & 0x20; return 0;
    case 3: *gicc(GICC_EOIR) = *gicc(GICC_IAR); return 0;
    case 4: *gicc(GICC_EOIR) = next_random(&state) & 0x3ff; return 0;
    case 5: *gicc(GICC_DIR) = next_random(&state) & 0x7f; return 0;
    default: *gicc((next_random(&state) & 0x1f) * 4) = value(); return 0;
    }
}

static void end_all(u32 iar, struct frame *f)
{
    (void)iar;
    f->psr |= PSR_I | PSR_F; // no storm: the next unmask() takes the next one
    cntv(0, 0);
    cntp(0, 0);
}

TEST(registers, "random accesses to the GIC leave it working")
{
    for (u32 round = 0; round != ROUNDS; ++round) {
        gic_start();
        irq_hook = end_all;
        for (u32 n = 0; n != ACCESSES; ++n) {
            catch_traps();
            if (n % 7 == 0)
                own_line(next_random(&state));
            one_access(VAMBRACE_GICD_IPA + offset(), value());
            release_traps();
            if (n % 50 == 0) {
                unmask();
                isb();
                mask();
            }
        }
        cntv(0, 0);
        cntp(0, 0);
        *uart(0x38) = 0;
        gic_start();
        for (u32 n = 0; n != 64 && *gicc(GICC_RPR) != 0xff; ++n)
            *gicc(GICC_EOIR) = 0; // what was acknowledged and not ended
        equal(*gicc(GICC_RPR), 0xff, "GICC_RPR");
        gic_start();
        *gicd(GICD_SGIR) = 2 << 24 | 7;
        unmask();
        isb();
        mask();
        CHECK(irqs == 1 && irq_log[0] == 7, "round %u: %u interrupts, the first %x", round, irqs, irq_log[0]);
    }
}
