// SPDX-License-Identifier: Apache-2.0
// Looks for a neighbour's VFP registers, and leaves FPEXC in every state there is.
// for: armv6 armv7
// hostile: ends by itself
#include "guest.h"

enum { EN = 1 << 30, FULL = 0xf << 20, WORDS = 32, ROUNDS = 3000, TICK_NS = 1000000 };

u32 exchange(u32 const *in, u32 *out);
operation kernel_write_fpexc, kernel_vadd;

static void sleep_a_little(void)
{
    u64 const end = time_ns() + TICK_NS;
    CALL2(TIMER_SET, (u32)end, (u32)(end >> 32));
    CALL0(IDLE);
}

/// What was written last time is what is read, and nothing of anybody else.
TEST(only_mine, "after the neighbour has run the registers hold what this guest left in them")
{
    u32 in[WORDS] = {0}, out[WORDS], seed = 4711;
    CP15_WRITE(1, 0, 2, FULL);
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    for (u32 round = 0; round != ROUNDS / 10; ++round) {
        u32 last[WORDS];
        for (u32 n = 0; n != WORDS; ++n) {
            last[n] = in[n];
            in[n] = next_random(&seed);
        }
        CHECK(probe(kernel_write_fpexc, 0, EN) == NO_TRAP, "no access to FPEXC");
        exchange(in, out);
        for (u32 n = 0; n != WORDS; ++n)
            CHECK(out[n] == last[n], "round %u: word %u is %x, not %x", round, n, out[n], last[n]);
        if (round % 4 == 0)
            sleep_a_little();
    }
}

TEST(any_fpexc, "whatever is written to FPEXC and CPACR, the guest goes on")
{
    u32 seed = 815;
    for (u32 round = 0; round != ROUNDS; ++round) {
        u32 const value = next_random(&seed);
        CP15_WRITE(1, 0, 2, value & 7 ? FULL : value);
        (void)probe(kernel_write_fpexc, 0, value);
        (void)probe(kernel_vadd, 0, 0);
        if (round % 128 == 0)
            sleep_a_little();
    }
}
