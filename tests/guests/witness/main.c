// SPDX-License-Identifier: Apache-2.0
// A well-behaved neighbour of the hostile guests: it keeps a pattern in its memory and, on ARMv6 and ARMv7,
// in
// VFP's registers, takes its timer's ticks, and says every now and then that it lives. Asked by 'q' on its
// console it checks everything and switches off.
#include "guest.h"
#include "pattern.h"

enum { TICK_NS = 20000000 };
enum { VFP_WORDS = 32 };

static u32 *words(void) { return (u32 *)(SCRATCH - RAM + LINEAR_VA); }

static void check_user(u32 number)
{
    u32 const got = run_user(user_address(user_ldr), USER_DATA, 0);
    if (got != SVC_USER || trap.frame.r[1] != number)
        complain("guest user went wrong, trap", got);
}

void witness_open_vfp(void), witness_load_vfp(u32 const *words), witness_store_vfp(u32 *words);

static void start_vfp(void)
{
    u32 words[VFP_WORDS];
    for (u32 n = 0; n != VFP_WORDS; ++n)
        words[n] = pattern(n);
    CP15_WRITE(1, 0, 2, 0xf << 20); // CPACR: coprocessors 10 and 11
    witness_open_vfp();
    witness_load_vfp(words);
}

static void check_vfp(void)
{
    u32 words[VFP_WORDS];
    witness_store_vfp(words);
    for (u32 n = 0; n != VFP_WORDS; ++n)
        if (words[n] != pattern(n))
            complain("VFP register changed, word", n);
}

static void tick(u32 number)
{
    static u64 last;
    u64 const now = time_ns();
    if (now <= last)
        complain("time does not rise", (u32)now);
    last = now;
    u32 const chunk = PATTERN_SIZE / 4 / 64;
    check_pattern(number % 64 * chunk, chunk);
    if (ARCH != ARMV5)
        check_vfp();
    user_data_page[0] = number;
    check_user(number);
    if (number % TICKS_PER_LINE == 0)
        print("witness: tick %u\n", number);
}

void guest_main(void)
{
    set_vectors();
    mmu_on();
    for (u32 n = 0; n != PATTERN_SIZE / 4; ++n)
        words()[n] = pattern(n);
    if (ARCH != ARMV5)
        start_vfp();
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    shared()->irq_mask = 0;
    u64 next = time_ns();
    for (u32 number = 0; !asked_to_end(); ++number) {
        next = time_ns() + TICK_NS;
        shared()->irq_mask = VAMBRACE_IRQ_MASKED; // masked: a tick before IDLE still wakes it
        CALL2(TIMER_SET, (u32)next, (u32)(next >> 32));
        CALL0(IDLE);
        shared()->irq_mask = 0;
        CALL0(IRQ_DELIVER);
        if (time_ns() < next)
            complain("the timer is early by", (u32)(next - time_ns()));
        tick(number);
    }
    check_pattern(0, PATTERN_SIZE / 4);
    print(sound ? "witness: ok\n" : "witness: FAIL, see above\n");
}
