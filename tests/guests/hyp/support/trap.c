// SPDX-License-Identifier: Apache-2.0
// Traps are recorded, and their instructions skipped where a test expects them; interrupts are ended.
#include "hyp.h"

struct trap trap;
u32 volatile traps, irqs;
u32 probed, irq_log[16], irq_logged;
bool leave_active;
void (*irq_hook)(u32 iar, struct frame *f);
static bool catching;
extern char vectors_arm[];

void set_vectors(void) { MCR(0, 12, 0, 0, vectors_arm); }

_Noreturn void power_off(void)
{
    for (;;)
        hvc(SYSTEM_OFF, 0, 0, 0);
}

static void unexpected(struct frame const *f)
{
    print("FAIL unexpected trap: kind %u pc %x psr %x r0 %x r1 %x status %x address %x\n", trap.kind, f->lr,
          f->psr, f->r[0], f->r[1], trap.status, trap.address);
    power_off();
}

static u32 length_at(u32 pc, u32 psr) { return psr & PSR_T && *(u16 volatile *)pc < 0xe800 ? 2 : 4; }

/// Where code goes on that has jumped to nowhere: its own lr.
static u32 caller(u32 mode)
{
    u32 lr;
    if (mode == SVC)
        __asm__ volatile(".arch_extension virt\n mrs %0, lr_svc" : "=r"(lr));
    else
        __asm__ volatile(".arch_extension virt\n mrs %0, lr_usr" : "=r"(lr));
    return lr;
}

static void skip(struct frame *f, u32 kind)
{
    bool const thumb = f->psr & PSR_T;
    u32 at;
    switch (kind) {
    case UNDEFINED: at = f->lr - (thumb ? 2 : 4); break;
    case DATA_ABORT: at = f->lr - 8; break;
    case SVC_TRAP: return;
    default:
        f->lr = caller(f->psr & MODE);
        f->psr = f->lr & 1 ? f->psr | PSR_T : f->psr & ~PSR_T;
        f->lr &= ~1u;
        return;
    }
    f->lr = at + length_at(at, f->psr);
}

static void interrupt(struct frame *f)
{
    u32 const iar = *gicc(GICC_IAR);
    ++irqs;
    if (irq_logged < 16)
        irq_log[irq_logged++] = iar;
    if (irq_hook)
        irq_hook(iar, f);
    if (!leave_active)
        *gicc(GICC_EOIR) = iar;
}

void on_trap(u32 kind, struct frame *f)
{
    if (kind == IRQ_TRAP || kind == FIQ_TRAP) {
        f->lr -= 4;
        return interrupt(f);
    }
    trap = (struct trap) {.kind = kind, .frame = *f};
    if (kind == DATA_ABORT) {
        trap.status = MRC(0, 5, 0, 0);
        trap.address = MRC(0, 6, 0, 0);
    } else if (kind == PREFETCH_ABORT) {
        trap.status = MRC(0, 5, 0, 1);
        trap.address = MRC(0, 6, 0, 2);
    }
    ++traps;
    if (!catching)
        unexpected(f);
    skip(f, kind);
}

void catch_traps(void)
{
    trap.kind = NO_TRAP;
    catching = true;
}
void release_traps(void) { catching = false; }

u32 probe(access_fn *fn, u32 address, u32 value)
{
    catch_traps();
    probed = fn(address, value);
    release_traps();
    return trap.kind;
}

void expect_trap(u32 kind, u32 address, u32 status)
{
    equal(trap.kind, kind, "kind of trap");
    equal(trap.address, address, "fault address");
    equal(trap.status, status, "fault status");
}

void forget_irqs(void)
{
    irqs = irq_logged = 0;
    for (u32 n = 0; n != 16; ++n)
        irq_log[n] = 0;
}

void expect_irqs(u32 count, char const *when) { equal(irqs, count, when); }

void gic_start(void)
{
    *gicc(GICC_CTLR) = 0;
    *gicd(GICD_CTLR) = 0;
    for (u32 n = 0; n != INTIDS / 32; ++n) {
        *gicd(GICD_ICENABLER + 4 * n) = ~0u;
        *gicd(GICD_ICPENDR + 4 * n) = ~0u;
        *gicd(GICD_ICACTIVER + 4 * n) = ~0u;
        *gicd(GICD_IGROUPR + 4 * n) = 0;
    }
    for (u32 n = 0; n != 4; ++n)
        *gicd(GICD_CPENDSGIR + 4 * n) = ~0u;
    for (u32 n = 0; n != INTIDS / 4; ++n)
        *gicd(GICD_IPRIORITYR + 4 * n) = 0xa0a0a0a0;
    for (u32 n = 2; n != INTIDS / 16; ++n)
        *gicd(GICD_ICFGR + 4 * n) = 0;
    *gicc(GICC_PMR) = 0xff;
    *gicc(GICC_BPR) = 0;
    *gicd(GICD_CTLR) = 1;
    *gicc(GICC_CTLR) = 1;
    leave_active = false;
    irq_hook = NULL;
    forget_irqs();
}

void spin(u32 us)
{
    u64 const until = cntvct() + ticks(us);
    while (cntvct() < until)
        ;
}
