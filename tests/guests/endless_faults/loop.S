/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers that let an interrupt in, then fault again; and a RETURN that returns to itself. */
#include <vambrace/abi.h>

    .syntax unified
    .arm
    .macro handler name
    .global \name
\name:
    ldr sp, =loop_sp
    ldr sp, [sp]
    mov r1, #0
    mov r2, #VAMBRACE_SHARED_VA
    str r1, [r2]
    ldr r1, [r2, #VAMBRACE_SHARED_IRQ_PENDING]
    cmp r1, #0
    ldrne r0, =VAMBRACE_FUNCTION_BASE + 1
    svcne #0                            @ IRQ_DELIVER
    .endm

    handler entry_loop_undefined
    .word 0xe7f000f0
    handler entry_loop_data
    mov r0, #0x70000000
    ldr r0, [r0]
    .global return_loop
return_loop:
    svc #0
    .ltorg
    .bss
    .balign 4
    .global loop_sp
loop_sp: .space 4
