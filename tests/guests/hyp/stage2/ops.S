/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses that abort: r0 = address, r1 = value. */
    .syntax unified
    .arm
    .text
    .global op_load, op_store, op_jump, op_ats12, op_ats1h
op_load:
    ldr r0, [r0]
    bx lr
op_store:
    str r1, [r0]
    bx lr
op_jump:
    push {lr}
    blx r0
    pop {pc}
op_ats12:
    mcr p15, 0, r0, c7, c8, 4
    bx lr
op_ats1h:
    mcr p15, 4, r0, c7, c8, 0
    bx lr
