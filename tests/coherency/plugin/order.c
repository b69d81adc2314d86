/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control registers: what was written holds after a context synchronization (an ISB, an exception, a return
 * from one); until then either value may (DDI 0406C B3.15.5, B3.10.4).
 */
#include "tlb.h"

static bool synchronized_since_ttbr, walk_under_way;

void order_reset(void)
{
    synchronized_since_ttbr = true;
    walk_under_way = false;
}

static struct writer here(void) { return (struct writer) {machine.pc, 0}; }

/* No walk may put what one table says under another's ASID. */
static void check_switch(u32 const *field, u32 value)
{
    bool const ttbr = field == &machine.now.ttbr0;

    if (!machine.core->asids || !(machine.now.sctlr & SCTLR_M))
        return;
    if (ttbr && (value ^ machine.now.ttbr0) >> 14 &&
        (machine.now.asid & 0xff || (machine.unsynchronized && machine.before.asid & 0xff)))
        report(O_SWITCH, value, 0, here());
    if (field == &machine.now.asid && value & 0xff && !synchronized_since_ttbr)
        report(O_SWITCH, value, 0, here());
    if (field == &machine.now.asid && machine.core->walks_cross && walk_under_way &&
        (value ^ machine.now.asid) & 0xff)
        report(O_CROSS, value, 0, here());
    if (ttbr)
        synchronized_since_ttbr = false;
}

void register_written(u32 *field, u32 value)
{
    check_switch(field, value);
    if (*field == value)
        return;
    if (!machine.unsynchronized)
        machine.before = machine.now;
    *field = value;
    machine.unsynchronized = machine.core->ordered;
    tlb_registers_changed();
}

void synchronize(void)
{
    machine.unsynchronized = false;
    synchronized_since_ttbr = true;
    tlb_synchronize();
}

void order_complete(void) { walk_under_way = false; }

/* An access between: it must not matter which registers hold. */
void order_access(struct access const *access)
{
    struct translation is, was;

    walk_under_way = true;
    if (!machine.unsynchronized || !(machine.now.sctlr & machine.before.sctlr & SCTLR_M))
        return;
    is = walk(&machine.now, access->va);
    was = walk(&machine.before, access->va);
    if (is.mapped != was.mapped || is.frame != was.frame || !same_memory(&is, &was) ||
        (!is.global && (machine.now.asid ^ machine.before.asid) & 0xff))
        report(O_WALK, access->va, is.frame << 12, here());
    else if ((machine.now.dacr ^ machine.before.dacr) >> 2 * is.domain & 3)
        report(O_DACR, access->va, is.frame << 12, here());
}
