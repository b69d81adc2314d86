/* SPDX-License-Identifier: Apache-2.0 */
/* Own values in all registers, big-endian data, an exclusive access and, where there is one, the vector
   unit. */
#include <vambrace/abi.h>
    .syntax unified
    .arch armv6k
    .arm
    .text
/* u32 scribble(u32 value): 0, or the number of the first register that has another value than it should */
    .global scribble
scribble:
    push {r4-r11, lr}
    mcr p15, 0, r0, c13, c0, 2
    mov r4, r0
    add r5, r0, #5
    add r6, r0, #6
    add r7, r0, #7
    add r8, r0, #8
    add r9, r0, #9
    add r10, r0, #10
    add r11, r0, #11
    ldr r0, =VAMBRACE_FUNCTION_BASE + VAMBRACE_NR_YIELD
    ldr r1, =word
    ldrex r2, [r1]
    setend be
    svc #0
    setend le
    mrc p15, 0, r1, c13, c0, 2
    mov r0, #13
    cmp r1, r4
    bne 1f
    .irp n, 5, 6, 7, 8, 9, 10, 11
    add r1, r4, #\n
    mov r0, #\n
    cmp r1, r\n
    bne 1f
    .endr
    mov r0, #0
1:  pop {r4-r11, pc}
    .ltorg
    .bss
    .balign 4
word: .space 4
