/* SPDX-License-Identifier: Apache-2.0 */
/* VFP's registers, all at once. */
    .syntax unified
    .arm
    .fpu vfpv2
    .text

/* In: r0 = words for d0 to d15, r1 = where those go that were there. */
    .global exchange
exchange:
    vstmia r1, {d0-d15}
    vldmia r0, {d0-d15}
    bx lr

    .global kernel_write_fpexc
kernel_write_fpexc:
    mcr p10, 7, r1, c8, c0, 0
    bx lr

    .global kernel_vadd
kernel_vadd:
    vadd.f64 d0, d0, d1
    bx lr
