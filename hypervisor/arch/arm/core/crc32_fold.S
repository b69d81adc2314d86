/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loop of base/crc32.cpp, four words at a time: 22 instructions for 16 bytes. Little-endian; r0 =
 * to, r1 = from, both word-aligned; the 300 words in front of r0 are read.
 */
    .syntax unified
    .arm
    .section .text.crc32, "ax"
    .macro carry from
    ldmia \from!, {r8-r11}
    eor r2, r2, r8
    eor r3, r3, r9
    eor r6, r6, r10
    eor r7, r7, r11
    .endm

    .global crc32_fold
crc32_fold:
    push {r4-r11, lr}
    sub r4, r0, #4 * 145
    sub r5, r0, #4 * 183
    sub r12, r0, #4 * 211
    sub lr, r0, #4 * 300
    add r2, r0, #4 * 1024
    push {r2}
1:  .rept 4
    ldmia r1!, {r2, r3, r6, r7}
    carry r4
    carry r5
    carry r12
    carry lr
    stmia r0!, {r2, r3, r6, r7}
    .endr
    ldr r2, [sp]
    cmp r0, r2
    bne 1b
    pop {r2, r4-r11, pc}
