// SPDX-License-Identifier: Apache-2.0
// Faults without end, of one kind after the other: the guest gets nowhere, the other one does.
// hostile: ends never
#include "guest.h"

enum { TIME_EACH = 250000000, NOWHERE = 0x70000000 };
void entry_loop_undefined(void), entry_loop_data(void);
extern char return_loop[];
extern u32 loop_sp;

static void alarm(void)
{
    u64 const soon = time_ns() + TIME_EACH;
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
}

static void undefined(u32 address, u32 value)
{
    (void)address, (void)value;
    __asm__ volatile(".word 0xe7f000f0");
}

/// From now on this kind of trap enters guest code that traps in the same way.
static void loop(u32 entry, u32 *vector, operation *first)
{
    *vector = entry;
    CALL1(SET_VECTORS, &vectors);
    first(NOWHERE, 0);
}

/// A frame that returns to the RETURN that took it.
static void loop_returns(void)
{
    static struct vambrace_frame frame __attribute__((aligned(8)));
    frame = (struct vambrace_frame) {
        .r = {VAMBRACE_FUNCTION_BASE}, .sp = (u32)&frame, .pc = (u32)return_loop, .psr = VAMBRACE_PSR_KERNEL};
    resume(&frame);
}

/// No entry point can be fetched any more: frames go down through memory, then come double faults.
static void loop_without_code(void)
{
    vectors.prefetch_abort_kernel = vectors.data_abort_kernel = vectors.double_fault = NOWHERE;
    CALL1(SET_VECTORS, &vectors);
    kernel_bx(NOWHERE, 0);
}

static void next_kind(void)
{
    static u32 number;
    shared()->irq_pending = 0;
    alarm();
    print("attack\n");
    switch (++number) {
    case 1: return loop((u32)entry_loop_undefined, &vectors.undefined_kernel, undefined);
    case 2: return loop((u32)entry_loop_data, &vectors.data_abort_kernel, kernel_ldr);
    case 3: return loop_returns();
    default: return loop_without_code();
    }
}

static bool on_alarm(struct trap *t)
{
    if (t->kind == IRQ_KERNEL)
        next_kind();
    return false;
}

void guest_main(void)
{
    set_vectors();
    mmu_on();
    loop_sp = (u32)__builtin_frame_address(0) - 4096;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1);
    u64 const end = time_ns() + TIME_EACH;
    while (time_ns() < end) // guest user that can do nothing but fault
        (void)run_user(NOWHERE, 0, 0);
    trap_hook = on_alarm;
    next_kind();
}
