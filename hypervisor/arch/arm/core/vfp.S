/* SPDX-License-Identifier: Apache-2.0 */
/* The VFP's registers, and whether there is a VFP. C++ declares these in vfp_port.hpp. */
    .syntax unified
    .arm

    .macro fixup at, to
    .pushsection .fixups, "a"
    .word \at, \to
    .popsection
    .endm

/* SVC mode. Return r0 = FPSID, MVFR0, MVFR1; 0 where they are undefined. */
    .macro vfp_identity name, number
    .section .text.\name, "ax"
    .global \name
\name:
.Lat_\name:
    mrc p10, 7, r0, c\number, c0, 0
    bx lr
    fixup .Lat_\name, .Lno_\name
.Lno_\name:
    mov r0, #0
    bx lr
    .endm

    vfp_identity vfp_read_fpsid, 0
    vfp_identity vfp_read_mvfr0, 7
    vfp_identity vfp_read_mvfr1, 6

/* SVC mode, FPEXC.EN set. In: r0 = 64 words, r1 = 0: d0 to d15 only. Clobber r0. */
    .section .text.vfp_save, "ax"
    .global vfp_save
vfp_save:
    .fpu vfpv3
    vstmia r0!, {d0-d15}
    cmp r1, #0
    beq 1f
    vstmia r0!, {d16-d31}
1:  bx lr

    .section .text.vfp_load, "ax"
    .global vfp_load
vfp_load:
    vldmia r0!, {d0-d15}
    cmp r1, #0
    beq 1f
    vldmia r0!, {d16-d31}
1:  bx lr
