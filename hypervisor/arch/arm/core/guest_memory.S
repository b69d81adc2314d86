/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of guest memory at the guest's own addresses, which survive a fault. */
#include <arch/arm/core/fixup.inc>

    .syntax unified
    .arm
    .section .text.hot, "ax"

/*
 * guest_memory.hpp declares these. r0 = guest address, r1 = words, r2 = how many. Returns r0 = the address
 * reached, r1 = 0 or 1. Six words (a third of a frame) at a time with plain accesses: the address is not
 * reserved, and with SCTLR.R a page that the guest may only read faults here as well. A fault leaves the base
 * as it was (DDI 0198 2.1: base restored).
 */
    .global guest_store_words
guest_store_words:
    push {r4-r8, lr}
1:  subs r2, r2, #6
    blo 2f
    ldmia r1!, {r3-r8}
.Lstore_six:
    stmia r0!, {r3-r8}
    b 1b
2:  adds r2, r2, #6
    beq 4f
3:  ldr r3, [r1], #4
.Lstore_words:
    strt r3, [r0], #4
    subs r2, r2, #1
    bne 3b
4:  mov r1, #0
    pop {r4-r8, pc}
    fixup .Lstore_six, store_singly
    fixup .Lstore_words, faulted_word
store_singly:                           @ which word was it?
    sub r1, r1, #24
    add r2, r2, #6
    b 3b

    .global guest_load_words
guest_load_words:
    push {r4-r8, lr}
1:  subs r2, r2, #6
    blo 2f
.Lload_six:
    ldmia r0!, {r3-r8}
    stmia r1!, {r3-r8}
    b 1b
2:  adds r2, r2, #6
    beq 4f
3:
.Lload_words:
    ldrt r3, [r0], #4
    str r3, [r1], #4
    subs r2, r2, #1
    bne 3b
4:  mov r1, #0
    pop {r4-r8, pc}
    fixup .Lload_six, load_singly
    fixup .Lload_words, faulted_word
load_singly:
    add r2, r2, #6
    b 3b

/* A whole frame: r0 = guest address, r1 = its 18 words. Returns 1, or 0 if an access faulted. */
    .global guest_store_frame
guest_store_frame:
    push {r4-r10, lr}
    ldmia r1!, {r2-r10}
.Lframe_1:
    stmia r0!, {r2-r10}
    ldmia r1, {r2-r10}
.Lframe_2:
    stmia r0, {r2-r10}
    mov r0, #1
    pop {r4-r10, pc}
    fixup .Lframe_1, no_frame
    fixup .Lframe_2, no_frame

    .global guest_load_frame
guest_load_frame:
    push {r4-r10, lr}
.Lframe_3:
    ldmia r0!, {r2-r10}
    stmia r1!, {r2-r10}
.Lframe_4:
    ldmia r0, {r2-r10}
    stmia r1, {r2-r10}
    mov r0, #1
    pop {r4-r10, pc}
    fixup .Lframe_3, no_frame
    fixup .Lframe_4, no_frame
no_frame:
    mov r0, #0
    pop {r4-r10, pc}

faulted_word:
    mov r1, #1
    pop {r4-r8, pc}
