/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of VFP and NEON, for guests that look where their values go. */
    .syntax unified
    .arm
    .fpu vfpv3
    .text
/* void vfp_load_bank(u32 const *words, bool upper), void vfp_store_bank(u32 *words, bool upper): d0-d15,
   d16-d31 */
    .global vfp_load_bank, vfp_store_bank, vfp_read_system, vfp_write_fpexc, vfp_write_fpscr, vfp_add
vfp_load_bank:
    cmp r1, #0
    bne 1f
    vldmia r0, {d0-d15}
    bx lr
1:  vldmia r0, {d16-d31}
    bx lr
vfp_store_bank:
    cmp r1, #0
    bne 1f
    vstmia r0, {d0-d15}
    bx lr
1:  vstmia r0, {d16-d31}
    bx lr
/* u32 vfp_read_system(u32 which): 0 FPEXC, 1 FPSCR, 2 MVFR0 */
vfp_read_system:
    cmp r0, #1
    mrclo p10, 7, r0, c8, c0, 0
    vmrseq r0, fpscr
    mrchi p10, 7, r0, c7, c0, 0
    bx lr
vfp_write_fpexc:
    mcr p10, 7, r0, c8, c0, 0
    bx lr
vfp_write_fpscr:
    vmsr fpscr, r0
    bx lr
vfp_add:                                @ an operation
    vadd.f64 d0, d0, d1
    bx lr
