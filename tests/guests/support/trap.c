// SPDX-License-Identifier: Apache-2.0
// Traps: recorded, then back to whoever asked for them.
#include "guest.h"

struct trap trap;
u32 volatile irqs_taken, irqs_seen;
bool (*trap_hook)(struct trap *);
void (*return_hook)(void);

static void before_return(void)
{
    if (return_hook)
        return_hook();
}

struct context {
    u32 words[10];
};
int save_context(struct context *to) __attribute__((returns_twice));
_Noreturn void restore_context(struct context *from);
void call_on(u32 sp, operation *op, u32 address, u32 value);

static struct context probe_context, user_context;
static bool probing, in_user;
static int return_error;
static u64 user_stack[512]; // the guest kernel's stack for traps from guest user

void entry_svc_user(void), entry_undefined_user(void), entry_prefetch_user(void), entry_data_user(void),
    entry_irq_user(void), entry_undefined_kernel(void), entry_prefetch_kernel(void), entry_data_kernel(void),
    entry_irq_kernel(void), entry_double_fault(void);

struct vambrace_vectors vectors;

static struct vambrace_frame *user_frame(void)
{
    return (struct vambrace_frame *)((u32)(user_stack + 512) - VAMBRACE_FRAME_SIZE);
}

void set_vectors(void)
{
    vectors = (struct vambrace_vectors) {
        (u32)entry_svc_user,        (u32)entry_undefined_user, (u32)entry_prefetch_user,
        (u32)entry_data_user,       (u32)entry_irq_user,       (u32)entry_undefined_kernel,
        (u32)entry_prefetch_kernel, (u32)entry_data_kernel,    (u32)entry_irq_kernel,
        (u32)entry_double_fault,    (u32)emergency_stack_end,  (u32)user_frame()};
    if (CALL1(SET_VECTORS, &vectors) != 0)
        print("FAIL SET_VECTORS\n");
}

static bool from_user(u32 kind) { return kind >= SVC_USER && kind <= IRQ_USER; }

static void unexpected(void)
{
    print("FAIL unexpected trap: kind %u r0 %x r1 %x pc %x sp %x lr %x psr %x\n", trap.kind, trap.r[0],
          trap.r[1], trap.frame.pc, trap.frame.sp, trap.frame.lr, trap.frame.psr);
    power_off();
}

void on_trap(u32 kind, struct vambrace_frame *frame)
{
    if (kind == IRQ_USER || kind == IRQ_KERNEL) {
        irqs_seen |= swap(&shared()->irq_pending, 0); // before the hook: it may ask for the next one
        ++irqs_taken;
        struct trap interrupt = {.kind = kind, .mask = shared()->irq_mask, .frame = *frame};
        if (trap_hook && trap_hook(&interrupt)) // `trap` stays the last one that was no interrupt
            *frame = interrupt.frame;
        before_return();
        return;
    }
    trap.kind = kind;
    trap.mask = shared()->irq_mask;
    trap.frame = *frame;
    if (trap_hook && trap_hook(&trap)) {
        *frame = trap.frame;
        before_return();
        return;
    }
    if (from_user(kind) && in_user)
        restore_context(&user_context);
    if (!from_user(kind) && probing)
        restore_context(&probe_context);
    unexpected();
}

void expect_abort(u32 kind, u32 address, u32 status)
{
    equal(trap.kind, kind, "kind of trap");
    equal(trap.r[0], address, "fault address");
    equal(trap.r[1], status, "fault status");
}

void return_failed(int error)
{
    print("FAIL RETURN from a trap gives %x\n", (u32)error);
    power_off();
}

u32 volatile users_interrupted;
static bool interrupt_again(struct trap *t)
{
    users_interrupted += t->kind == IRQ_USER;
    u64 const soon = time_ns() + 1000000; // not sooner: a busy machine has to get on in between
    CALL2(TIMER_SET, (u32)soon, (u32)(soon >> 32));
    return false;
}

void interrupt_user(bool on)
{
    users_interrupted = 0;
    trap_hook = on ? interrupt_again : NULL;
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, on);
    if (on) {
        CALL2(TIMER_SET, 0, 0);
    } else {
        CALL2(TIMER_SET, ~0u, ~0u);
        shared()->irq_pending = 0;
    }
}

static void restore_mask(u32 mask)
{
    shared()->irq_mask = mask;
    if (!mask && shared()->irq_pending)
        CALL0(IRQ_DELIVER);
}

u32 probe_on(u32 sp, operation *op, u32 address, u32 value)
{
    u32 const mask = shared()->irq_mask;
    trap.kind = NO_TRAP;
    if (!save_context(&probe_context)) {
        probing = true;
        if (sp != ~0u)
            call_on(sp, op, address, value);
        else
            op(address, value);
    }
    probing = false;
    restore_mask(mask);
    return trap.kind;
}

u32 probe(operation *op, u32 address, u32 value) { return probe_on(~0u, op, address, value); }

u32 run_user_frame_at(struct vambrace_frame const *frame, struct vambrace_frame *at)
{
    u32 const mask = shared()->irq_mask;
    trap.kind = NO_TRAP;
    return_error = 0;
    if (!save_context(&user_context)) {
        in_user = true;
        *at = *frame;
        before_return();
        return_error = resume(at);
    }
    in_user = false;
    restore_mask(mask);
    return trap.kind;
}

u32 run_user_frame(struct vambrace_frame const *frame)
{
    u32 const kind = run_user_frame_at(frame, user_frame());
    if (return_error)
        fail("RETURN to guest user gives %x", (u32)return_error);
    return kind;
}

u32 run_user(u32 pc, u32 r0, u32 r1)
{
    struct vambrace_frame frame = {
        .r = {r0, r1}, .sp = USER_STACK_END, .pc = pc & ~1u, .psr = VAMBRACE_PSR_USER | (pc & 1 ? 0x20 : 0)};
    return run_user_frame(&frame);
}
