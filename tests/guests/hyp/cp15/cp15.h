// SPDX-License-Identifier: Apache-2.0
// The instructions of ops.S.
#ifndef CP15_H
#define CP15_H
#include "hyp.h"

access_fn read_hcr, write_hcr, read_vttbr, read_vpidr, read_scr, write_mvbar, write_cntvoff, tlbi_all_guests;
/// CPSR.M after an attempt to make it `mode`; the mode is as before then.
access_fn mode_by_msr, mode_by_return;
access_fn by_bxj, flags_of_pmcr;
void write_cp14(void), write_banked(u32 value);
void write_teehbr(u32 value);
u32 read_teecr(void), read_teehbr(void), read_cp14(void), read_banked(void);

#endif
