// SPDX-License-Identifier: Apache-2.0
// The guest's page tables, in both formats that its core has (DDI 0406C B3.5, B3.6).
#include "hyp.h"

u32 short_table[4096] __attribute__((aligned(16384), section(".bss.tables")));
u64 long_first[4] __attribute__((aligned(32)));
u64 long_second[4][512] __attribute__((aligned(4096)));

enum { EAE = 1u << 31, WALKS = 0x4a }; // tables: shareable, write-back

void flush_tlb(void)
{
    dsb();
    MCR(0, 8, 7, 0, 0);
    dsb();
    isb();
}

static void on(void)
{
    flush_tlb();
    MCR(0, 7, 5, 0, 0);
    set_sctlr(SCTLR_M | SCTLR_C | SCTLR_I, 0);
}

void mmu_off(void)
{
    set_sctlr(0, SCTLR_M | SCTLR_C | SCTLR_I);
    flush_tlb();
}

void map_short(u32 va, u32 entry)
{
    short_table[va >> 20] = entry;
    flush_tlb();
}

void map_long(u32 va, u64 entry)
{
    long_second[va >> 30][va >> 21 & 511] = entry;
    flush_tlb();
}

void mmu_short(void)
{
    mmu_off();
    for (u32 n = 0; n != 4096; ++n)
        short_table[n] = 0;
    for (u32 at = RAM; at != RAM_END; at += MB)
        short_table[at >> 20] = at | SHORT_NORMAL;
    for (u32 at = VAMBRACE_GICD_IPA; at != VAMBRACE_PL011_IPA + 2 * MB; at += MB)
        short_table[at >> 20] = at | SHORT_DEVICE | SHORT_XN;
    MCR(0, 2, 0, 2, 0);
    MCR(0, 2, 0, 0, (u32)short_table | WALKS);
    MCR(0, 3, 0, 0, 1);
    on();
}

void mmu_long(void)
{
    mmu_off();
    for (u32 n = 0; n != 4; ++n) {
        for (u32 m = 0; m != 512; ++m)
            long_second[n][m] = 0;
        long_first[n] = (u32)long_second[n] | LONG_TABLE;
    }
    for (u32 at = RAM; at != RAM_END; at += 2 * MB)
        long_second[at >> 30][at >> 21 & 511] = at | LONG_NORMAL;
    for (u32 at = VAMBRACE_GICD_IPA; at != VAMBRACE_PL011_IPA + 2 * MB; at += 2 * MB)
        long_second[at >> 30][at >> 21 & 511] = at | LONG_DEVICE | LONG_XN;
    MCR(0, 10, 2, 0, 0x04ff);      // MAIR0: normal write-back, device
    MCR(0, 2, 0, 2, EAE | 0x3500); // walks: inner shareable, write-back
    MCRR(0, 2, (u32)long_first);
    on();
}
