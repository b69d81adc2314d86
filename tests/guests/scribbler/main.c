// SPDX-License-Identifier: Apache-2.0
// The neighbour of guests that look for leaks: it writes its own values into every register that USR mode
// reaches, gives
// the processor away and looks whether they are still there.
// for: armv6 armv7
#include "guest.h"
#include "vfp.h"

u32 scribble(u32 value);

void guest_main(void)
{
    set_vectors();
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    bool const vfp = vfp_open();
    for (u32 n = 0;; ++n) {
        u32 const mine = 0x5c21b000 | (n & 0xfff);
        CALL1(SET_TLS, ~mine);
        if (vfp)
            vfp_fill(mine);
        u32 const wrong = scribble(mine); // gives the processor away
        if (wrong || CP15_READ(13, 0, 3) != ~mine)
            print("scribbler: FAIL register %x in round %u\n", wrong, n);
        if (vfp && vfp_differs(mine))
            print("scribbler: FAIL %u words of VFP in round %u\n", vfp_differs(mine), n);
    }
}
