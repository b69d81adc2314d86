// SPDX-License-Identifier: Apache-2.0
// Whose SVC is it? Behind every way into guest user it is a system call, behind every way into the guest
// kernel a hypercall, whether its frame can be stored at once or not.
// hostile: ends by itself
#include "guest.h"

extern char user_two_calls[];

enum { FRAME_PAGE = 0x20000000, NOT_YET = 0x20100000, CODE_PAGE = 0x20200000, HIDDEN_PAGE = 0x20300000 };
enum { MS = 1000000, A_SLICE = 4000000, LONGEST_WAIT = 0x20000000 };

/// What lies between RETURN and guest user's first SVC.
#define WAYS(X)                                                                                              \
    X(NOTHING, "RETURN alone")                                                                               \
    X(REFILL, "a page that the kernel maps")                                                                 \
    X(REFILL_CODE, "a page of code that the kernel maps")                                                    \
    X(FAULT_TWICE, "a page that the kernel maps at the second fault")                                        \
    X(EMPTY_SHADOW, "hidden faults")                                                                         \
    X(KERNEL_ONLY, "a page that only the kernel may see")                                                    \
    X(INTERRUPT, "an interrupt")                                                                             \
    X(WAITING_INTERRUPT, "an interrupt that waited")                                                         \
    X(OTHER_GUEST, "another guest's turn")
#define NUMBER(name, text) name,
#define TEXT(name, text) text,
enum way { WAYS(NUMBER) WAY_COUNT };
static char const *const texts[] = {WAYS(TEXT)};

static enum way way;
static bool refused;
static u32 svcs, faults, wrong_answers;

/// Every class of call of the guest kernel is one yet.
static void make_calls(void)
{
    wrong_answers += vambrace_call_time_get().r0 != 0;
    wrong_answers += vambrace_call_tlb_flush((u32)l1, USER_DATA, PAGE).r0 != 0;
    wrong_answers += vambrace_call_switch_table((u32)l1) != 0;
    wrong_answers += vambrace_call_irq_deliver() != 0;
    wrong_answers += vambrace_call(VAMBRACE_CALL_COUNT, 0, 0, 0).r0 != VAMBRACE_NR_CALLS;
}

static void map_frame(u32 ap) { map_page(l1, FRAME_PAGE, SCRATCH, aps(ap), DOMAIN_USER); }

/// The last that happens before RETURN. The shadow has the frame's page read-only, the guest's tables have it
/// for writing: the next store of a frame faults, and is repaired.
static void prepare(void)
{
    make_calls();
    if (way == EMPTY_SHADOW) {
        vambrace_call_forget_table((u32)l1);
        vambrace_call_switch_table((u32)l1);
    } else if (way == KERNEL_ONLY) {
        (void)*(u32 volatile *)HIDDEN_PAGE;
    }
    if (refused) {
        map_frame(USER_READ);
        flush(l1, FRAME_PAGE, PAGE);
        (void)*(u32 volatile *)FRAME_PAGE;
        map_frame(USER_WRITE);
    }
}

static bool kernel_is_entered(struct trap *t)
{
    make_calls();
    if (t->kind == SVC_USER)
        return ++svcs == 1; // guest user goes on with its second
    if (t->kind == IRQ_USER) {
        t->frame.r[2] = 1; // it has waited long enough
        return true;
    }
    if (t->kind != DATA_USER && t->kind != PREFETCH_USER)
        return false;
    if (++faults == (way == FAULT_TWICE ? 2 : 1)) {
        map_page(l1, NOT_YET, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
        map_page(l1, CODE_PAGE, (u32)user_two_calls & -(u32)PAGE, aps(USER_READ), DOMAIN_USER);
    }
    return true;
}

static void make_way(void)
{
    map_frame(USER_WRITE);
    map_page(l1, FRAME_PAGE - PAGE, SCRATCH + 3 * PAGE, aps(KERNEL), DOMAIN_KERNEL); // the kernel's stack
    map_page(l1, HIDDEN_PAGE, SCRATCH + 2 * PAGE, aps(KERNEL), DOMAIN_KERNEL);
    unmap_page(l1, NOT_YET);
    unmap_page(l1, CODE_PAGE);
    flush(l1, NOT_YET, PAGE);
    flush(l1, CODE_PAGE, PAGE);
    u64 const when = way == INTERRUPT ? time_ns() + MS / 2 : way == WAITING_INTERRUPT ? 0 : ~0ull;
    vambrace_call_timer_set((u32)when, (u32)(when >> 32));
}

static void run_way(u32 id)
{
    make_way();
    svcs = faults = wrong_answers = irqs_taken = 0;
    u32 const pc =
        way == REFILL_CODE ? CODE_PAGE + ((u32)user_two_calls & (PAGE - 1)) : user_address(user_two_calls);
    struct vambrace_frame const frame = {.r = {id, way == REFILL || way == FAULT_TWICE ? NOT_YET : USER_DATA,
                                               way == INTERRUPT     ? LONGEST_WAIT
                                               : way == OTHER_GUEST ? A_SLICE
                                                                    : 0},
                                         .sp = USER_STACK_END,
                                         .pc = pc,
                                         .psr = VAMBRACE_PSR_USER};
    u32 const kind = run_user_frame_at(&frame, (struct vambrace_frame *)FRAME_PAGE);
    CHECK(kind == SVC_USER && svcs == 2, "%x behind %s: trap %u, %u system calls", id, texts[way], kind,
          svcs);
    equal(trap.frame.r[0], id, "the frame's r0");
    equal(faults, way == FAULT_TWICE ? 2 : way == REFILL || way == REFILL_CODE, "faults");
    equal(wrong_answers, 0, "hypercalls of the kernel's with a wrong answer");
    if (way == INTERRUPT || way == WAITING_INTERRUPT)
        equal(irqs_taken, 1, texts[way]);
}

static void run_all(bool first_refused)
{
    mmu_on();
    vambrace_call_irq_enable(VAMBRACE_IRQ_TIMER, 1);
    refused = first_refused;
    trap_hook = kernel_is_entered;
    return_hook = prepare;
    u32 const ids[] = {SYSTEM_OFF, SYSTEM_RESET, VAMBRACE_FUNCTION(RETURN), VAMBRACE_FUNCTION(SWITCH_TABLE)};
    for (way = 0; way != WAY_COUNT; ++way)
        for (u32 n = 0; n != sizeof ids / sizeof ids[0]; ++n)
            run_way(ids[n]);
    trap_hook = NULL;
    return_hook = NULL;
}

TEST(at_once, "behind every way into a mode SVC is that mode's") { run_all(false); }

TEST(refused_first, "the same where no frame can be stored at the first attempt") { run_all(true); }
