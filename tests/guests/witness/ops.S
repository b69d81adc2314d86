/* SPDX-License-Identifier: Apache-2.0 */
/* VFP's registers, all at once. Not called on ARMv5. */
    .syntax unified
    .arm
    .fpu vfpv2
    .text

    .global witness_open_vfp
witness_open_vfp:
    mov r0, #0x40000000                 @ FPEXC.EN
    mcr p10, 7, r0, c8, c0, 0
    bx lr

/* In: r0 = words for d0 to d15. */
    .global witness_load_vfp
witness_load_vfp:
    vldmia r0, {d0-d15}
    bx lr

    .global witness_store_vfp
witness_store_vfp:
    vstmia r0, {d0-d15}
    bx lr
