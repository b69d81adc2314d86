/* SPDX-License-Identifier: Apache-2.0 */
/* Guest user and the thread registers; an exclusive pair around a hypercall. */
#include <vambrace/abi.h>
    .syntax unified
    .arm
    .section .text_user, "ax"
    .global user_read_threads, user_write_threads
user_read_threads:
    mrc p15, 0, r1, c13, c0, 3
    mrc p15, 0, r2, c13, c0, 2
    svc #1
user_write_threads:
    mcr p15, 0, r0, c13, c0, 2
    svc #1

    .text
    .global exclusive_around_yield
exclusive_around_yield:                 @ r0 = address, r1 = value
    push {r4, r5, r6, lr}
    mov r4, r0
    mov r5, r1
    ldrex r6, [r4]
    ldr r0, =VAMBRACE_FUNCTION_BASE + VAMBRACE_NR_YIELD
    svc #0
    mov r0, #9
    strex r0, r5, [r4]
    pop {r4, r5, r6, pc}
    .ltorg
