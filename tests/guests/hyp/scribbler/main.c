// SPDX-License-Identifier: Apache-2.0
// The neighbour of guests that look for leaks: it writes its own values into every register that it can,
// gives the processor away and looks whether they are still there.
#include "vfp.h"
#include "witness.h"

void guest_main(void)
{
    set_vectors();
    gic_start();
    vfp_open();
    for (u32 n = 0;; ++n) {
        u32 const mine = 0x5c21b000 | (n & 0xfff);
        witness_salt(mine);
        for (u32 m = 0; m != witness_registers; ++m)
            witness_write(m);
        vfp_fill(mine);
        *priority_of(40 + n % 8) = (u8)n;
        cntv(TIMER_MASKED, n);
        yield_to_others();
        for (u32 m = 0; m != witness_registers; ++m)
            if (witness_read(m) != witness_value(m))
                print("scribbler: FAIL register %u is %x in round %u\n", m, witness_read(m), n);
        if (vfp_differs(mine))
            print("scribbler: FAIL %u words of VFP in round %u\n", vfp_differs(mine), n);
        if (*priority_of(40 + n % 8) != (n & 0xf8))
            print("scribbler: FAIL its GIC in round %u\n", n);
    }
}
