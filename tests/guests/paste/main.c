// SPDX-License-Identifier: Apache-2.0
// Reads what is pasted on the console, faster than any UART would bring it, and misses nothing; nor does it
// when it has little time for it.
// pasted: 36864
#include "guest.h"

enum {
    DR = 0x00,
    FR = 0x18,
    RSR = 0x04,
    RX_EMPTY = 1 << 4,
    OVERRUN = 8,
    MUCH = 32768,
    SOME = 36864 - MUCH,
    ESCAPE = 'V' & 0x1f,
};

/// The sender's: runs.py has the same.
static u32 state = 1;
static u32 expected(void)
{
    u32 const c = next_random(&state) & 0xff;
    return c == ESCAPE ? 0 : c;
}

static u32 next_received(void)
{
    u64 const patience = 20000000000ull;
    if (*uart(FR) & RX_EMPTY) {
        u64 const start = time_ns();
        while (*uart(FR) & RX_EMPTY)
            if (time_ns() - start > patience)
                return ~0u;
    }
    return *uart(DR) & 0xff;
}

static void pass(u64 time)
{
    for (u64 const end = time_ns() + time; time_ns() < end;)
        ;
}

/// Pauses for so long after each burst.
static void receive(u32 count, u32 burst, u64 pause)
{
    for (u32 n = 0; n != count; ++n) {
        if (n % burst == burst - 1)
            pass(pause);
        u32 const c = next_received(), should = expected();
        CHECK(c == should, "character %u is %x, not %x", n, c, should);
    }
    equal(*uart(RSR) & OVERRUN, 0, "the overrun bit");
}

TEST(in_time, "what is pasted arrives whole in a guest that has time")
{
    print("paste\n");
    receive(MUCH, MUCH, 0);
}

TEST(late, "what is pasted arrives whole in a guest that reads a little now and then")
{
    receive(SOME, 8, 2000000); // less at a time than a UART holds, and slower: its FIFO is never empty
}
