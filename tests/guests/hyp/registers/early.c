// SPDX-License-Identifier: Apache-2.0
// What the guest finds, read for the tests to judge; and the mess that it leaves before a restart.
#include "registers.h"
#include "vfp.h"
#include "witness.h"

struct early early;

void read_early(void)
{
    u32 n = 0;
    early.sctlr = MRC(0, 1, 0, 0);
    early.zero[n++] = MRC(0, 1, 0, 2); // CPACR
    early.zero[n++] = MRC(0, 2, 0, 0);
    early.zero[n++] = MRC(0, 2, 0, 1);
    early.zero[n++] = MRC(0, 2, 0, 2);
    early.zero[n++] = MRC(0, 3, 0, 0);
    early.zero[n++] = MRC(0, 5, 0, 0);
    early.zero[n++] = MRC(0, 5, 0, 1);
    early.zero[n++] = MRC(0, 5, 1, 0);
    early.zero[n++] = MRC(0, 5, 1, 1);
    early.zero[n++] = MRC(0, 6, 0, 0);
    early.zero[n++] = MRC(0, 6, 0, 2);
    early.zero[n++] = MRC(0, 7, 4, 0); // PAR
    early.zero[n++] = MRC(0, 10, 2, 0);
    early.zero[n++] = MRC(0, 10, 2, 1);
    early.zero[n++] = MRC(0, 10, 3, 0);
    early.zero[n++] = MRC(0, 10, 3, 1);
    early.zero[n++] = MRC(0, 12, 0, 0);
    early.zero[n++] = MRC(0, 13, 0, 1);
    early.zero[n++] = MRC(0, 13, 0, 2);
    early.zero[n++] = MRC(0, 13, 0, 3);
    early.zero[n++] = MRC(0, 13, 0, 4);
    early.zero[n++] = MRC(2, 0, 0, 0); // CSSELR
    early.zero[n++] = (u32)(MRRC(0, 7) >> 32);
    early.zero[n++] = (u32)(MRRC(0, 2) >> 32);
    early.zero[n++] = (u32)(MRRC(3, 14) | MRRC(3, 14) >> 32); // CNTV_CVAL
    early.cntv_ctl = MRC(0, 14, 3, 1);
    early.cntp_ctl = MRC(0, 14, 2, 1);
    early.cntkctl = MRC(0, 14, 1, 0);
    early.gicd_ctlr = *gicd(GICD_CTLR);
    early.gicc_ctlr = *gicc(GICC_CTLR);
    early.gicc_pmr = *gicc(GICC_PMR);
    for (u32 word = 0; word != 3; ++word) {
        early.enabled[word] = *gicd(GICD_ISENABLER + 4 * word);
        early.pending[word] = *gicd(GICD_ISPENDR + 4 * word);
        early.active[word] = *gicd(GICD_ISACTIVER + 4 * word);
        early.group[word] = *gicd(GICD_IGROUPR + 4 * word);
    }
    for (u32 m = 0; m != INTIDS; ++m)
        early.priority[m] = *priority_of(m);
    early.uart_imsc = *uart(0x38);
    early.uart_ibrd = *uart(0x24);
    early.uart_cr = *uart(0x30);
    MCR(0, 1, 0, 2, 0xf << 20);
    early.fpexc = vfp_read_system(0);
    vfp_open();
    early.vfp_words = vfp_differs(0);
    early.fpscr = vfp_read_system(1);
}

void make_a_mess(void)
{
    gic_start();
    for (u32 n = 0; n != INTIDS; ++n) {
        *priority_of(n) = (u8)(n * 8 + 8);
        set_bit(GICD_ISENABLER, n);
        set_bit(GICD_ISPENDR, n);
    }
    *gicd(GICD_SGIR) = 2 << 24 | 3;
    for (u32 n = 0; n != 3; ++n)
        *gicd(GICD_IGROUPR + 4 * n) = ~0u;
    for (u32 n = 0; n != 3; ++n) {
        *gicd(GICD_IGROUPR + 4 * n) = 0;
        (void)*gicc(GICC_IAR); // active for ever
    }
    *uart(0x24) = 0x1234;
    *uart(0x38) = 0x7ff;
    cntv(TIMER_ON, 0);
    cntp(TIMER_ON, 0);
    MCR(0, 14, 1, 0, 0x303);
    vfp_fill(0xdead0001);
    vfp_write_fpscr(0x03000000);
    mmu_long();
    witness_salt(0x600d1dea);
    for (u32 n = 0; n != witness_registers; ++n)
        witness_write(n);
    for (u32 *word = (u32 *)SCRATCH; word != (u32 *)(RAM_END - MB); ++word)
        *word = 0xdead0002;
}
