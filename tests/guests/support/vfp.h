// SPDX-License-Identifier: Apache-2.0
// All registers of VFP and NEON at once.
#ifndef VFP_H
#define VFP_H
#include "base.h"

/// Opens CPACR and FPEXC; false if the core has no VFP.
bool vfp_open(void);
/// Clears FPEXC.EN.
void vfp_close(void);
/// Gives every register a value of its own, made from this one; all 0 for 0.
void vfp_fill(u32 value);
/// How many words of the registers are not what vfp_fill() with this value made them.
u32 vfp_differs(u32 value);
void vfp_write_fpscr(u32 value);
/// 0: FPEXC, 1: FPSCR, 2: MVFR0
u32 vfp_read_system(u32 which);
/// An addition of VFP's.
operation vfp_add;

#endif
