// SPDX-License-Identifier: Apache-2.0
// Each call of hypercalls.def by its function of calls.h, well and badly. A call in the list without a test
// here does not compile (tests_of_all), and an error in the list that no test has met fails by its name.
#include "guest.h"

enum { NOWHERE = 0x80000000, AREA = 0x60000000, MANY = 90 };

/// The errors that each call has given: 1 << -error.
static u32 met[VAMBRACE_NR_CALLS];

static int noted(u32 number, int r0)
{
    if (r0 < 0)
        met[number] |= 1u << -r0;
    return r0;
}
/// Makes the call and wants this of it.
#define WANT(NAME, r0, expected) equal((u32)noted(VAMBRACE_NR_##NAME, r0), (u32)(expected), "r0 of " #NAME)

TEST(return_from_trap_call, "RETURN goes on in guest user, and takes no frame that is misaligned or unmapped")
{
    mmu_on();
    static struct vambrace_frame frame __attribute__((aligned(8)));
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
    WANT(RETURN, resume((struct vambrace_frame *)NOWHERE), VAMBRACE_INVALID_ADDRESS);
    WANT(RETURN, resume((struct vambrace_frame *)((u32)&frame + 4)), VAMBRACE_INVALID_ADDRESS);
    frame.psr = 0x11; // FIQ
    WANT(RETURN, resume(&frame), VAMBRACE_INVALID_PARAMETERS);
    // The test run has registered vectors already: tests/unit/pv/trap/frame_test.cpp is without any.
    met[VAMBRACE_NR_RETURN] |= 1u << -VAMBRACE_DENIED;
}

/// The timer's interrupt is pending, and masked.
static void make_pending(void)
{
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal((u32)vambrace_call_irq_enable(VAMBRACE_IRQ_TIMER, 1), 0, "IRQ_ENABLE");
    equal((u32)vambrace_call_timer_set(0, 0), 0, "TIMER_SET");
    equal(shared()->irq_pending, 1u << VAMBRACE_IRQ_TIMER, "irq_pending");
}

TEST(irq_deliver_call, "IRQ_DELIVER leaves a masked interrupt pending")
{
    make_pending();
    u32 const before = irqs_taken;
    WANT(IRQ_DELIVER, vambrace_call_irq_deliver(), 0);
    equal(irqs_taken, before, "interrupts taken while masked");
    shared()->irq_mask = 0;
    WANT(IRQ_DELIVER, vambrace_call_irq_deliver(), 0);
    equal(irqs_taken, before + 1, "interrupts taken");
}

TEST(idle_call, "IDLE comes back when an interrupt is pending, takes it if told to, and refuses r1 = 2")
{
    make_pending();
    u32 const before = irqs_taken;
    WANT(IDLE, vambrace_call_idle(0), 0);
    equal(irqs_taken, before, "interrupts taken while masked");
    WANT(IDLE, vambrace_call_idle(2), VAMBRACE_INVALID_PARAMETERS);
    equal(irqs_taken, before, "interrupts taken by a call that failed");
    WANT(IDLE, vambrace_call_idle(1), 0);
    equal(irqs_taken, before + 1, "interrupts taken");
}

TEST(yield_call, "YIELD comes back") { WANT(YIELD, vambrace_call_yield(), 0); }

TEST(set_vectors_call, "SET_VECTORS refuses what it cannot read and an entry that is misaligned")
{
    mmu_on();
    struct vambrace_vectors bad = vectors;
    bad.irq_kernel |= 2;
    WANT(SET_VECTORS, vambrace_call_set_vectors(NOWHERE), VAMBRACE_INVALID_ADDRESS);
    WANT(SET_VECTORS, vambrace_call_set_vectors((u32)&bad), VAMBRACE_INVALID_PARAMETERS);
    WANT(SET_VECTORS, vambrace_call_set_vectors((u32)&vectors), 0);
}

TEST(set_linear_map_call, "SET_LINEAR_MAP takes the guest's RAM and nothing beyond it")
{
    WANT(SET_LINEAR_MAP, vambrace_call_set_linear_map(LINEAR_VA, RAM, RAM_SIZE), 0);
    WANT(SET_LINEAR_MAP, vambrace_call_set_linear_map(LINEAR_VA, RAM + MB, RAM_SIZE),
         VAMBRACE_INVALID_PARAMETERS);
    WANT(SET_LINEAR_MAP, vambrace_call_set_linear_map(LINEAR_VA, RAM, RAM_SIZE + PAGE),
         VAMBRACE_INVALID_PARAMETERS);
}

TEST(switch_table_call, "SWITCH_TABLE sets TTBR, and refuses a base that is misaligned or not in RAM")
{
    mmu_on();
    fill_kernel_map(other_l1);
    WANT(SWITCH_TABLE, vambrace_call_switch_table((u32)other_l1), 0);
    equal(CP15_READ(2, 0, 0), (u32)other_l1, "TTBR");
    WANT(SWITCH_TABLE, vambrace_call_switch_table((u32)l1 + 4), VAMBRACE_INVALID_PARAMETERS);
    WANT(SWITCH_TABLE, vambrace_call_switch_table(RAM_END), VAMBRACE_INVALID_PARAMETERS);
    equal(CP15_READ(2, 0, 0), (u32)other_l1, "TTBR after calls that failed");
    WANT(SWITCH_TABLE, vambrace_call_switch_table((u32)l1), 0);
}

TEST(forget_table_call, "FORGET_TABLE takes any base")
{
    mmu_on();
    u32 const bases[] = {(u32)other_l1, (u32)l1, 0, 1, RAM_END, 0xffffffff};
    for (u32 n = 0; n != 6; ++n)
        WANT(FORGET_TABLE, vambrace_call_forget_table(bases[n]), 0);
}

TEST(tlb_flush_call, "TLB_FLUSH takes entries away, says what is left, and refuses a misaligned base")
{
    mmu_on();
    for (u32 n = 0; n != MANY; ++n) {
        map_section(l1, AREA + n * MB, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
        (void)*(u32 volatile *)(AREA + n * MB);
    }
    for (u32 n = 0; n != MANY; ++n)
        unmap_section(l1, AREA + n * MB);
    struct vambrace_answer a = vambrace_call_tlb_flush((u32)l1, AREA, MANY * MB);
    WANT(TLB_FLUSH, a.r0, VAMBRACE_AGAIN);
    CHECK(a.r2 > AREA && a.r2 - AREA + a.r3 == MANY * MB, "the rest is %x, %x", a.r2, a.r3);
    while (a.r0 == VAMBRACE_AGAIN)
        a = vambrace_call_tlb_flush((u32)l1, a.r2, a.r3);
    WANT(TLB_FLUSH, a.r0, 0);
    for (u32 n = 0; n != MANY; ++n)
        equal(probe(kernel_ldr, AREA + n * MB, 0), DATA_KERNEL, "what is there after the flush");
    WANT(TLB_FLUSH, vambrace_call_tlb_flush((u32)l1 + 4, AREA, PAGE).r0, VAMBRACE_INVALID_PARAMETERS);
}

TEST(cache_op_call, "CACHE_OP refuses an operation that there is not and the hypervisor's addresses")
{
    WANT(CACHE_OP, vambrace_call_cache_op(VAMBRACE_CACHE_ALL, 0, 0), 0);
    WANT(CACHE_OP, vambrace_call_cache_op(VAMBRACE_CACHE_CLEAN, SCRATCH, PAGE), 0);
    WANT(CACHE_OP, vambrace_call_cache_op(99, SCRATCH, PAGE), VAMBRACE_INVALID_PARAMETERS);
    WANT(CACHE_OP, vambrace_call_cache_op(VAMBRACE_CACHE_CLEAN, VAMBRACE_WINDOW_BASE, PAGE),
         VAMBRACE_INVALID_PARAMETERS);
}

TEST(set_tls_call, "SET_TLS stores, and on ARMv5 needs the vectors page for it")
{
    if (ARCH == ARMV5) {
        WANT(SET_TLS, vambrace_call_set_tls(1), VAMBRACE_INVALID_ADDRESS);
        mmu_on();
        map_page(l1, 0xffff0000, SCRATCH, aps(USER_READ), DOMAIN_USER);
    }
    WANT(SET_TLS, vambrace_call_set_tls(0x12345678), 0);
}

TEST(timer_set_call,
     "TIMER_SET to a time in the past makes the interrupt pending, to the last one it does not")
{
    make_pending();
    (void)swap(&shared()->irq_pending, 0);
    WANT(TIMER_SET, vambrace_call_timer_set(0xffffffff, 0xffffffff), 0);
    equal(shared()->irq_pending, 0, "irq_pending");
}

TEST(timer_start_call, "TIMER_START makes the interrupt pending when its time is over, with 0 at once")
{
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    equal((u32)vambrace_call_irq_enable(VAMBRACE_IRQ_TIMER, 1), 0, "IRQ_ENABLE");
    WANT(TIMER_START, vambrace_call_timer_start(0), 0);
    equal(swap(&shared()->irq_pending, 0), 1u << VAMBRACE_IRQ_TIMER, "irq_pending");
    u64 const begin = time_ns();
    WANT(TIMER_START, vambrace_call_timer_start(5000000), 0);
    equal((u32)vambrace_call_idle(0), 0, "IDLE");
    CHECK(time_ns() - begin >= 5000000, "it came too soon");
    equal(swap(&shared()->irq_pending, 0), 1u << VAMBRACE_IRQ_TIMER, "irq_pending");
    WANT(TIMER_START, vambrace_call_timer_start(0xffffffff), 0);
    equal(shared()->irq_pending, 0, "irq_pending");
    equal((u32)vambrace_call_timer_set(~0u, ~0u), 0, "TIMER_SET");
}

TEST(time_get_call, "TIME_GET rises")
{
    struct vambrace_answer const first = vambrace_call_time_get(), second = vambrace_call_time_get();
    WANT(TIME_GET, first.r0, 0);
    WANT(TIME_GET, second.r0, 0);
    CHECK(second.r2 > first.r2 || (second.r2 == first.r2 && second.r1 > first.r1), "%x after %x", second.r1,
          first.r1);
}

TEST(irq_enable_call, "IRQ_ENABLE knows 32 interrupts, on and off")
{
    WANT(IRQ_ENABLE, vambrace_call_irq_enable(VAMBRACE_IRQ_COUNT - 1, 1), 0);
    WANT(IRQ_ENABLE, vambrace_call_irq_enable(VAMBRACE_IRQ_COUNT - 1, 0), 0);
    WANT(IRQ_ENABLE, vambrace_call_irq_enable(VAMBRACE_IRQ_COUNT, 1), VAMBRACE_INVALID_PARAMETERS);
    WANT(IRQ_ENABLE, vambrace_call_irq_enable(0, 2), VAMBRACE_INVALID_PARAMETERS);
}

TEST(counters_read_call, "COUNTERS_READ returns how many it stored, and refuses a buffer that is not there")
{
    mmu_on();
    static u32 buffer[VAMBRACE_COUNTERS + 1];
    WANT(COUNTERS_READ, vambrace_call_counters_read((u32)buffer, VAMBRACE_COUNTERS + 1), VAMBRACE_COUNTERS);
    CHECK(buffer[VAMBRACE_COUNTER_HYPERCALL] != 0, "no hypercall was counted");
    WANT(COUNTERS_READ, vambrace_call_counters_read(NOWHERE, 1), VAMBRACE_INVALID_ADDRESS);
}

TEST(event_send_call, "EVENT_SEND refuses a port that leads nowhere, and one that there is not")
{
    WANT(EVENT_SEND, vambrace_call_event_send(0), VAMBRACE_DENIED);
    WANT(EVENT_SEND, vambrace_call_event_send(31), VAMBRACE_DENIED);
    WANT(EVENT_SEND, vambrace_call_event_send(32), VAMBRACE_INVALID_PARAMETERS);
    WANT(EVENT_SEND, vambrace_call_event_send(~0u), VAMBRACE_INVALID_PARAMETERS);
}

TEST(event_mask_call, "EVENT_MASK takes any of 32 ports, and 0 or 1")
{
    WANT(EVENT_MASK, vambrace_call_event_mask(31, 1), 0);
    WANT(EVENT_MASK, vambrace_call_event_mask(31, 0), 0);
    WANT(EVENT_MASK, vambrace_call_event_mask(32, 0), VAMBRACE_INVALID_PARAMETERS);
    WANT(EVENT_MASK, vambrace_call_event_mask(0, 2), VAMBRACE_INVALID_PARAMETERS);
}

TEST(event_take_call, "EVENT_TAKE finds nothing where nobody has sent anything")
{
    struct vambrace_answer const a = vambrace_call_event_take();
    WANT(EVENT_TAKE, a.r0, 0);
    equal(a.r1, 0, "ports that were taken");
    equal(a.r2, 0, "ports that are masked and pending");
}

/// This list is hypercalls.def's. A compiler that knows no <function>_call here wants the new call's test.
static void (*const tests_of_all[])(void) = {
#define VAMBRACE_CALL(number, NAME, function, ...) function##_call,
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
};

TEST(errors, "the calls gave every error that hypercalls.def lists, and no other")
{
    enum {
        NONE = 0,
        INVALID_PARAMETERS = 1 << -VAMBRACE_INVALID_PARAMETERS,
        DENIED = 1 << -VAMBRACE_DENIED,
        INVALID_ADDRESS = 1 << -VAMBRACE_INVALID_ADDRESS,
        AGAIN = 1 << -VAMBRACE_AGAIN,
    };
    CHECK(sizeof tests_of_all / sizeof *tests_of_all == VAMBRACE_NR_CALLS, "a number has no call");
    if (ARCH != ARMV5) // a register of the core's, which needs no address
        met[VAMBRACE_NR_SET_TLS] |= INVALID_ADDRESS;
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, ...)                        \
    equal(met[number], errors, "errors met, a bit for each, of " #NAME);
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL
}
