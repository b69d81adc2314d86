// SPDX-License-Identifier: Apache-2.0
// Random functions with random arguments by HVC and SMC: what is there answers, what is not there says so.
// hostile: ends by itself
#include "hyp.h"

static u32 state = 0xca115eed;

static u32 identifier(void)
{
    u32 const random = next_random(&state);
    switch (random & 7) {
    case 0: return next_random(&state);
    case 1: return 0x84000000 | (random >> 8 & 63);
    case 2: return 0xc4000000 | (random >> 8 & 63);
    case 3: return VAMBRACE_FUNCTION_BASE | (random >> 8 & 63);
    case 4: return 0x8600ff00 | (random >> 8 & 7);
    case 5: return 0x80000000 | (random >> 8 & 3);
    case 6: return (random & 0xff000000) | (random >> 8 & 31);
    default: return 1u << (random >> 8 & 31) | (random >> 16 & 31);
    }
}

/// What ends the guest, and what waits for an interrupt that will not come.
static bool spared(u32 id)
{
    return id == SYSTEM_OFF || id == SYSTEM_RESET || id == PSCI_CPU_OFF || id == PSCI_CPU_SUSPEND;
}

TEST(random, "twenty thousand random calls change nothing but what they return in")
{
    for (u32 n = 0; n != 20000; ++n) {
        struct words w;
        for (u32 m = 0; m != 6; ++m)
            w.r[m] = next_random(&state);
        u32 const id = w.r[0] = identifier(), r4 = w.r[4], r5 = w.r[5];
        if (spared(id))
            continue;
        if (n & 1)
            hvc_words(w.r);
        else
            smc_words(w.r);
        CHECK(w.r[4] == r4 && w.r[5] == r5, "function %x changes r4 or r5", id);
    }
    equal(hvc(PSCI_VERSION, 0, 0, 0).r[0], 0x10000, "PSCI_VERSION");
}

TEST(waits, "CPU_SUSPEND with random arguments waits, and is over with the next interrupt")
{
    gic_start();
    set_bit(GICD_ISENABLER, CNTV_INTID);
    for (u32 n = 0; n != 50; ++n) {
        cntv(TIMER_ON, cntvct() + ticks(10));
        hvc(PSCI_CPU_SUSPEND, next_random(&state), next_random(&state), next_random(&state));
        cntv(0, 0);
    }
}
