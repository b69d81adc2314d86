/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CP15: what each operation does to the model (DDI 0198D 2.3; DDI 0211K 3.2, 6.14; DDI 0406C B3.18.6, B4.2).
 */
#include "model.h"

static void barrier_dsb(void)
{
    drain();
    tlb_complete();
    order_complete();
}

void model_barrier(bool data, bool instruction)
{
    if (data)
        barrier_dsb();
    if (instruction)
        synchronize();
}

/* c7, by CRm: instruction cache. */
static void code_operation(unsigned opc2, u32 value)
{
    switch (opc2) {
    case 0: code_all_op(); break;
    case 1: code_line_op(value); break;
    case 4: synchronize(); break;
    default: break; /* by set and way: one line of one that may be any; branch predictor */
    }
}

static void data_operation(enum extent what, unsigned opc2, u32 value)
{
    switch (opc2) {
    case 0: data_all_op(what); break;
    case 1: data_line_op(value, what); break;
    case 2: data_set_way_op(value, what); break;
    default: break;
    }
}

static void cache_operation(unsigned crm, unsigned opc2, u32 value)
{
    switch (crm) {
    case 1:
        if (opc2 == 0)
            code_all_op();
        break;
    case 5: code_operation(opc2, value); break;
    case 6: data_operation(INVALIDATE, opc2, value); break;
    case 7:
        if (opc2 == 0) {
            data_all_op(INVALIDATE);
            code_all_op();
        }
        break;
    case 10:
        if (opc2 == 4)
            barrier_dsb();
        else if (opc2 < 3)
            data_operation(CLEAN, opc2, value);
        break;
    case 11:
        if (opc2 == 1)
            data_line_op(value, CLEAN);
        break;
    case 14:
        if (opc2 < 3)
            data_operation(CLEAN | INVALIDATE, opc2, value);
        break;
    default: break;
    }
}

static void tlb_operation(unsigned opc2, u32 value)
{
    switch (opc2) {
    case 0: tlb_invalidate_all(); break;
    case 1: tlb_invalidate_page(value, value, false); break;
    case 2: tlb_invalidate_asid(value); break;
    case 3: tlb_invalidate_page(value, 0, true); break;
    default: break;
    }
}

static void control_written(u32 value)
{
    u32 const on = value & ~machine.now.sctlr;
    struct writer const here = {machine.pc, 0};

    if (on & SCTLR_C && data_unknown())
        report(P_DATA, 0, 0, here);
    if (on & SCTLR_I && code_unknown())
        report(P_CODE, 0, 0, here);
    if (on & SCTLR_M && tlb_unknown())
        report(P_TLB, 0, 0, here);
    register_written(&machine.now.sctlr, value);
}

void model_cp15_write(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2, u32 value)
{
    struct registers *const now = &machine.now;

    if (opc1)
        return;
    if (crn == 1 && crm == 0 && opc2 == 0)
        control_written(value);
    else if (crn == 2 && crm == 0 && opc2 < 3)
        register_written(opc2 == 0 ? &now->ttbr0 : opc2 == 1 ? &now->ttbr1 : &now->ttbcr, value);
    else if (crn == 3 && crm == 0 && opc2 == 0)
        register_written(&now->dacr, value);
    else if (crn == 7)
        cache_operation(crm, opc2, value);
    else if (crn == 8)
        tlb_operation(opc2, value);
    else if (crn == 10 && crm == 2 && opc2 < 2)
        register_written(opc2 ? &now->nmrr : &now->prrr, value);
    else if (crn == 13 && crm == 0 && opc2 == 1 && machine.core->asids)
        register_written(&now->asid, value);
}

/* ARM11's operations on a range (DDI 0211K and DDI 0301H 3.2.22). */
void model_cp15_range(unsigned crm, u32 start, u32 end)
{
    for (u32 va = start & ~31u; va <= end; va += LINE) {
        if (crm == 5)
            code_line_op(va);
        else if (crm == 6 || crm == 12 || crm == 14)
            data_line_op(va, crm == 6 ? INVALIDATE : crm == 12 ? CLEAN : CLEAN | INVALIDATE);
        if (va > 0xffffffff - LINE)
            break;
    }
}

/* DDI 0198D 2.3.8: test and clean, test, clean and invalidate; a loop around them does the whole cache. */
void model_cp15_read(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2)
{
    if (crn != 7 || opc1 || opc2 != 3)
        return;
    if (crm == 10)
        data_all_op(CLEAN);
    else if (crm == 14)
        data_all_op(CLEAN | INVALIDATE);
}
