// SPDX-License-Identifier: Apache-2.0
// What set_vectors() and the first tests would change, read before them.
#ifndef REGISTERS_H
#define REGISTERS_H
#include "hyp.h"

enum { early_zeros = 25 };
extern struct early {
    u32 sctlr, zero[early_zeros];
    u32 cntv_ctl, cntp_ctl, cntkctl;
    u32 gicd_ctlr, gicc_ctlr, gicc_pmr, enabled[3], pending[3], active[3], group[3];
    u8 priority[INTIDS];
    u32 uart_imsc, uart_ibrd, uart_cr;
    u32 fpexc, fpscr, vfp_words;
} early;

void read_early(void);
/// Writes values into everything.
void make_a_mess(void);

#endif
