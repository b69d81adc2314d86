/* SPDX-License-Identifier: Apache-2.0 */
/* CP15 accesses as code for guest kernel and guest user; undefined: 1 if the core has no such register. */
    .syntax unified
    .arm
    .macro cp15 undefined, op, opc1, crn, crm, opc2
    .section .text_user, "ax"
user_\@:
    \op p15, \opc1, r0, \crn, \crm, \opc2
    svc #1
    .text
kernel_\@:
    \op p15, \opc1, r0, \crn, \crm, \opc2
    bx lr
    .section .rodata.cp15, "a"
    .word kernel_\@, user_\@, \undefined
    .endm

    .section .rodata.cp15, "a"
    .balign 4
    .global cp15_table
cp15_table:
    cp15 0, mrc, 0, c0, c0, 0
    cp15 0, mrc, 0, c0, c0, 1
    cp15 0, mrc, 0, c1, c0, 0
    cp15 0, mrc, 0, c2, c0, 0
    cp15 0, mrc, 0, c3, c0, 0
    cp15 0, mrc, 0, c5, c0, 0
    cp15 0, mrc, 0, c5, c0, 1
    cp15 0, mrc, 0, c6, c0, 0
    cp15 0, mcr, 0, c5, c0, 0
    cp15 0, mcr, 0, c6, c0, 0
    cp15 0, mcr, 0, c7, c5, 0
    cp15 0, mcr, 0, c7, c6, 0
    cp15 0, mcr, 0, c7, c7, 0
    cp15 0, mcr, 0, c7, c10, 4
    cp15 0, mcr, 0, c8, c7, 0
    cp15 0, mcr, 0, c8, c7, 1
    cp15 0, mcr, 0, c7, c0, 4
    cp15 0, mrc, 0, c9, c0, 0
    cp15 0, mrc, 0, c10, c0, 0
    cp15 0, mrc, 0, c13, c0, 0
    cp15 1, mcr, 0, c0, c0, 0
    cp15 1, mrc, 1, c0, c0, 0
    cp15 1, mrc, 0, c0, c1, 0
    cp15 1, mrc, 0, c1, c0, 1
    cp15 1, mrc, 0, c2, c0, 1
    cp15 1, mrc, 0, c2, c0, 2
    cp15 1, mrc, 0, c4, c0, 0
    cp15 1, mcr, 0, c4, c0, 0
    cp15 1, mrc, 0, c6, c0, 2
    cp15 1, mrc, 0, c8, c7, 0
    cp15 1, mcr, 0, c12, c0, 0
    cp15 1, mrc, 0, c12, c0, 0
    cp15 1, mrc, 0, c13, c0, 2
    cp15 1, mrc, 0, c13, c0, 3
    cp15 1, mrc, 0, c13, c0, 4
    cp15 1, mcr, 0, c13, c0, 3
    cp15 1, mcr, 0, c7, c10, 5
    cp15 1, mrc, 0, c14, c0, 0
    cp15 1, mrc, 7, c0, c0, 0
cp15_end:
    .global cp15_count
cp15_count: .word (cp15_end - cp15_table) / 12
