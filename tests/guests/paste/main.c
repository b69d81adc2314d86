// SPDX-License-Identifier: Apache-2.0
// Reads what is pasted on the console, faster than any UART would bring it, and misses nothing; nor does it when it
// has little time for it.
// pasted: 98304
#include "guest.h"

enum {
    DR = 0x00,
    FR = 0x18,
    RSR = 0x04,
    RX_EMPTY = 1 << 4,
    OVERRUN = 8,
    PART = 98304 / 3,
    ESCAPE = 'V' & 0x1f,
};

/// The sender's: runs.py has the same.
static u32 state = 1;
static u32 expected(void)
{
    u32 const c = next_random(&state) & 0xff;
    return c == ESCAPE ? 0 : c;
}

static u64 idle; ///< time in which there was nothing to read

static u32 next_received(void)
{
    u64 const patience = 20000000000ull;
    if (*uart(FR) & RX_EMPTY) {
        u64 const start = time_ns();
        while (*uart(FR) & RX_EMPTY)
            if (time_ns() - start > patience)
                return ~0u;
        idle += time_ns() - start;
    }
    return *uart(DR) & 0xff;
}

static void pass(u64 time)
{
    for (u64 const end = time_ns() + time; time_ns() < end;)
        ;
}

/// Pauses for so long after each burst.
static void receive(u32 burst, u64 pause)
{
    for (u32 n = 0; n != PART; ++n) {
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
    receive(PART, 0);
}

TEST(breath, "a guest that takes all there is has time left for what it took")
{
    u64 const start = time_ns();
    idle = 0;
    receive(PART, 0);
    u32 const all = (u32)((time_ns() - start) >> 20), left = (u32)(idle >> 20);
    CHECK(3 * left > all, "%u ms of %u", left, all);
}

TEST(late, "what is pasted arrives whole in a guest that reads a little now and then")
{
    receive(200, 20000000);
}
