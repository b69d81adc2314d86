/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcpy and memmove by 32 bytes: newlib's for this core go by words, and boot moves megabytes.
 * r0 = to (kept), r1 = from, r2 = bytes. Both word-aligned: bursts; else bytes.
 * clear_memory: r0 = to, word-aligned, r1 = bytes, a multiple of 32. A guest's memory is all of the board's.
 */
    .syntax unified
    .arm
    .section .text.memory, "ax"
    .global memmove
memmove:
    sub r3, r0, r1
    cmp r3, r2
    blo downwards                       @ to lies in [from, from + bytes)
    .global memcpy
memcpy:
    push {r0, r4-r10, lr}
    orr r3, r0, r1
    tst r3, #3
    bne 3f
1:  subs r2, r2, #32
    ldmiahs r1!, {r3-r10}
    stmiahs r0!, {r3-r10}
    bhs 1b
    add r2, r2, #32
2:  subs r2, r2, #4
    ldrhs r3, [r1], #4
    strhs r3, [r0], #4
    bhs 2b
    add r2, r2, #4
3:  subs r2, r2, #1
    ldrbhs r3, [r1], #1
    strbhs r3, [r0], #1
    bhs 3b
    pop {r0, r4-r10, pc}

downwards:
    push {r0, r4-r10, lr}
    add r0, r0, r2
    add r1, r1, r2
    orr r3, r0, r1
    tst r3, #3
    bne 3f
1:  subs r2, r2, #32
    ldmdbhs r1!, {r3-r10}
    stmdbhs r0!, {r3-r10}
    bhs 1b
    add r2, r2, #32
3:  subs r2, r2, #1
    ldrbhs r3, [r1, #-1]!
    strbhs r3, [r0, #-1]!
    bhs 3b
    pop {r0, r4-r10, pc}

    .global clear_memory
clear_memory:
    push {r4-r11, lr}
    add r1, r0, r1
    push {r1}
    mov r2, #0
    mov r3, #0
    mov r4, #0
    mov r5, #0
    mov r6, #0
    mov r7, #0
    mov r8, #0
    mov r9, #0
    mov r10, #0
    mov r11, #0
    mov r12, #0
    mov lr, #0
    sub r1, r1, #768
1:  cmp r0, r1
    bhi 2f                              @ less than 768 bytes are left
    .rept 16
    stmia r0!, {r2-r12, lr}
    .endr
    b 1b
2:  ldr r1, [sp]
3:  cmp r0, r1
    stmiane r0!, {r2-r9}
    bne 3b
    pop {r1, r4-r11, pc}
