/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences for the rules of control registers and of power-on. */
#include "bench.h"

void o_switch(bool left_out)
{
    cp15(13, 0, 1, 0);
    isb();
    cp15(2, 0, 0, OTHER_L1);
    UNLESS_LEFT_OUT(isb());
    cp15(13, 0, 1, 7);
    isb();
}

void o_switch_from(bool left_out)
{
    cp15(13, 0, 1, 7);
    isb();
    if (!left_out) {
        cp15(13, 0, 1, 0);
        isb();
    }
    cp15(2, 0, 0, OTHER_L1);
    isb();
}

void o_cross(bool left_out)
{
    load(DATA);
    UNLESS_LEFT_OUT(dsb());
    cp15(13, 0, 1, 7);
    isb();
}

void o_walk(bool left_out)
{
    store(TABLES + OTHER_L1 + (CODE >> 20) * 4, 0x00400c0e);
    dsb();
    cp15(2, 0, 0, OTHER_L1);
    UNLESS_LEFT_OUT(isb());
    fetch(CODE);
}

void o_dacr(bool left_out)
{
    cp15(3, 0, 0, 3);
    UNLESS_LEFT_OUT(isb());
    load(DATA);
}

void p_data(bool left_out)
{
    caches_reset();
    UNLESS_LEFT_OUT(data_all_op(INVALIDATE));
    code_all_op();
    machine.now.sctlr = 0;
    cp15(1, 0, 0, SCTLR_C | SCTLR_I);
}

void p_code(bool left_out)
{
    caches_reset();
    data_all_op(INVALIDATE);
    UNLESS_LEFT_OUT(cp15(7, 5, 0, 0));
    machine.now.sctlr = 0;
    cp15(1, 0, 0, SCTLR_C | SCTLR_I);
}

void p_tlb(bool left_out)
{
    tlb_reset();
    UNLESS_LEFT_OUT(tlb_all());
    dsb();
    isb();
    machine.now.sctlr &= ~SCTLR_M;
    cp15(1, 0, 0, machine.now.sctlr | SCTLR_M);
}
