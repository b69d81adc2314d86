// SPDX-License-Identifier: Apache-2.0
// TIME_GET, and the time that a guest computes from the board's counter without a trap.
#include "guest.h"

static int mapped(void) { return (shared()->clock_flags & VAMBRACE_CLOCK_MAPPED) != 0; }

static u64 computed_ns(void)
{
    if (!mapped())
        return time_ns();
    struct vambrace_shared volatile *const s = shared();
    u32 sequence, ticks, counter, low, high, mult, shift;
    do {
        sequence = s->clock_sequence;
        ticks = s->clock_ticks;
        low = s->clock_ns[0];
        high = s->clock_ns[1];
        mult = s->clock_mult;
        shift = s->clock_shift;
        counter = *(u32 volatile *)(VAMBRACE_COUNTER_VA + s->clock_offset);
    } while ((sequence & 1) || sequence != s->clock_sequence);
    return ((u64)high << 32 | low) + (((u64)(counter - ticks) * mult) >> shift);
}

static void check_formula(void)
{
    for (u32 n = 0; n != 2000; ++n) {
        u64 const before = time_ns(), computed = computed_ns(), after = time_ns();
        CHECK(computed >= before && computed <= after, "computed %x is not in %x..%x (low words)",
              (u32)computed, (u32)before, (u32)after);
    }
}

TEST(formula_mmu_off, "the formula gives TIME_GET's time (MMU off)") { check_formula(); }

TEST(formula, "the formula gives TIME_GET's time (MMU on)")
{
    mmu_on();
    check_formula();
}

TEST(time_rises, "time never goes back and does go on")
{
    u64 const start = time_ns();
    u64 last = start;
    for (u32 n = 0; n != 5000; ++n) {
        u64 const now = n & 1 ? computed_ns() : time_ns();
        CHECK(now >= last, "time went back by %u ns", (u32)(last - now));
        last = now;
    }
    CHECK(last > start, "time stands");
}

TEST(hz_is_the_counters, "clock_hz, mult and shift agree")
{
    u64 const second = ((u64)shared()->clock_hz * shared()->clock_mult) >> shared()->clock_shift;
    CHECK(second > 999000000 && second <= 1000000000, "clock_hz ticks are %u ns", (u32)second);
}

TEST(counter_is_there, "the counter can be read where clock_flags says so, and nowhere else")
{
    mmu_on();
    equal(probe(kernel_ldr, VAMBRACE_COUNTER_VA + shared()->clock_offset, 0),
          mapped() ? NO_TRAP : DATA_KERNEL, "kind of trap");
}

TEST(counter_is_read_only, "guest kernel cannot write the counter's page")
{
    mmu_on();
    u32 const at = VAMBRACE_COUNTER_VA + shared()->clock_offset;
    equal(probe(kernel_str, at, 0), DATA_KERNEL, "kind of trap");
    equal(trap.r[0], at, "fault address");
    equal(probe(kernel_str, VAMBRACE_COUNTER_VA, 0), DATA_KERNEL, "kind of trap");
    check_formula();
}

TEST(time_get_keeps_r3, "TIME_GET changes r0 to r2 only")
{
    struct answer const a = ask(VAMBRACE_FUNCTION(TIME_GET), 1, 2, 0x33333333);
    equal(a.r0, 0, "r0");
    equal(a.r3, 0x33333333, "r3");
}

/// The device tree, which is the one thing in memory that begins a page so.
static bool tree_has(char const *what, u32 length)
{
    u32 at = RAM;
    while (at != RAM_END && *(u32 volatile *)at != 0xedfe0dd0)
        at += PAGE;
    for (u32 end = at + PAGE; at != RAM_END && at + length <= end; ++at)
        for (u32 n = 0; *(char volatile *)(at + n) == what[n];)
            if (++n == length)
                return true;
    return false;
}

TEST(where_the_tree_says,
     "the clock answers where the device tree has one, and nothing does where it has none")
{
    bool const there = tree_has("arm,pl031", 9);
    CHECK(tree_has("arm,pl011", 9), "the device tree is not found");
    print("clock: the board has %s wall clock\n", there ? "a" : "no");
    mmu_on();
    for (u32 offset = 0; offset < PAGE; offset += 0xffc) {
        equal(probe(kernel_ldr, VAMBRACE_PL031_IPA + offset, 0), there ? NO_TRAP : DATA_KERNEL, "ldr");
        equal(probe(kernel_str, VAMBRACE_PL031_IPA + offset, 0), there ? NO_TRAP : DATA_KERNEL, "str");
    }
    if (!there)
        equal(trap.r[1] & 0xf, 0x8, "fault status");
}
