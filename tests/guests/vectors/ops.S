/* SPDX-License-Identifier: Apache-2.0 */
/* Code with known registers, for guest kernel and guest user. */
#include <vambrace/abi.h>

    .syntax unified
    .arm
/* r0..r12, lr = 0x1000 + number, flags = NZCV from r0's caller; then the instruction. */
    .macro known_registers
    msr cpsr_f, #0xa0000000             @ N, C
    movw_ r0, 0x1000
    add r1, r0, #1
    add r2, r0, #2
    add r3, r0, #3
    add r4, r0, #4
    add r5, r0, #5
    add r6, r0, #6
    add r7, r0, #7
    add r8, r0, #8
    add r9, r0, #9
    add r10, r0, #10
    add r11, r0, #11
    add r12, r0, #12
    add lr, r0, #14
    .endm
    .macro movw_ reg, value
    mov \reg, #\value
    .endm

    .macro known name, instruction
    .text
    .global kernel_known_\name
kernel_known_\name:
    push {r4-r11, lr}
    known_registers
    .global kernel_known_\name\()_at
kernel_known_\name\()_at:
    \instruction
    pop {r4-r11, pc}
    .section .text_user, "ax"
    .global user_known_\name
user_known_\name:
    known_registers
    .global user_known_\name\()_at
user_known_\name\()_at:
    \instruction
    svc #1
    .endm

    known undefined, ".word 0xe7f000f0"
    known data, "ldr r0, [r0, #-0xff0]" @ address 0x10: page 0
    known prefetch, "mov pc, #0x80000000"
    known svc, "svc #0x77"

    .section .text_user, "ax"
    .thumb
    .balign 4
    .global thumb_svc, thumb_undefined, thumb_data, thumb_nothing
thumb_svc:
    movs r1, #0x55
    svc #3
    nop
thumb_undefined:
    .short 0xde00
thumb_data:
    ldr r1, [r0]
thumb_nothing:
    svc #4
    .arm
    .balign 4
    .global user_flags, user_loop
user_flags:                             @ what guest user sees of its flags
    mrs r1, cpsr
    svc #1
user_loop:
    add r2, r2, #1
    cmp r2, r1
    bne user_loop
    svc #1

    .text
/*
 * int return_keeps(frame): a RETURN that is refused. Returns the error, or 1 if sp or lr changed. What r1 to
 * r12 hold afterwards is in return_left.
 */
    .global return_keeps
return_keeps:
    push {r4-r11, lr}
    ldr r1, =return_sp
    str sp, [r1]
    str r0, [r1, #4]
    mov sp, r0
    mov lr, #0x5500
    ldr r0, =VAMBRACE_FUNCTION_BASE
    svc #0
    cmp lr, #0x5500
    ldr lr, =return_left
    stmia lr, {r1-r12}
    ldr r1, =return_sp
    ldr r2, [r1, #4]
    cmpeq sp, r2
    movne r0, #1
    ldr sp, [r1]
    pop {r4-r11, pc}

/* Thumb code of the guest kernel: r0 = address. */
    .global kernel_thumb_data
kernel_thumb_data:
    adr r3, 1f + 1
    bx r3
    .thumb
    .balign 4
1:  ldr r1, [r0]
    bx lr
    .arm
    .balign 4
    .global kernel_sp
kernel_sp:                              @ r0 = address; the sp is probe_on()'s
    ldr r1, [r0]
    bx lr
    .ltorg
    .bss
    .balign 4
return_sp: .space 8
