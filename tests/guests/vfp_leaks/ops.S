/* SPDX-License-Identifier: Apache-2.0 */
/* Guest user with VFP: r0 rounds, r1 a value for its registers; r2 counts what is not as it was. */
    .syntax unified
    .arm
    .fpu vfpv3
    .section .text_user, "ax"
    .global user_vfp_loop
user_vfp_loop:
    add r3, r1, #1
    vmov d3, r1, r3
    vmov d14, r3, r1
    mov r2, #0
1:  vmov r4, r5, d3
    vmov r6, r7, d14
    cmp r4, r1
    cmpeq r5, r3
    cmpeq r6, r3
    cmpeq r7, r1
    addne r2, r2, #1
    subs r0, r0, #1
    bne 1b
    svc #1
