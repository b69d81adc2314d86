/* SPDX-License-Identifier: Apache-2.0 */
/* A guest on the bare core: its kernel runs in SYS mode, every exception goes through native_trap(). */
    .syntax unified
    .arm
    .section .text.native, "ax"
/* The core starts here: SVC mode, MMU off. */
    .global native_start
native_start:
    ldr r0, =native_regs
    .irp mode, 0xd3, 0xdb, 0xd7, 0xd2   @ SVC, UND, ABT, IRQ
    msr cpsr_c, #\mode
    mov sp, r0
    .endr
    msr cpsr_c, #0xd3
    ldr sp, =native_stack_end
    bl native_setup
    ldr sp, =native_regs
    msr cpsr_c, #0xdf                   @ SYS: privileged, with guest user's registers
    mov r0, #0
    mvn r1, #0
    mov r2, #0
    b _start

    .balign 32
    .global native_vectors, native_vectors_end
native_vectors:
    ldr pc, 1f
    ldr pc, 1f + 4
    ldr pc, 1f + 8
    ldr pc, 1f + 12
    ldr pc, 1f + 16
    ldr pc, 1f
    ldr pc, 1f
    ldr pc, 1f
1:  .word native_hang, native_undefined, native_svc, native_prefetch, native_data
native_vectors_end:

native_hang:
    b .

/* Entered in the exception's mode with sp = native_regs; guest user's bank is stored whatever mode it was. */
    .macro exception name, adjust, number
\name:
    sub lr, lr, #\adjust
    stmia sp, {r0-r14}^
    str lr, [sp, #60]
    mov r0, #\number
    b common
    .endm
    exception native_undefined, 0, 1    @ native_trap() goes back to the instruction
    exception native_svc, 0, 0
    exception native_prefetch, 4, 2
    exception native_data, 8, 3

common:
    mrs r1, spsr
    str r1, [sp, #64]
    ldr sp, =native_stack_end
    bl native_trap
    ldr sp, =native_regs
    ldr r0, [sp, #64]
    msr spsr_fsxc, r0
#if __ARM_ARCH == 7
    clrex
#elif __ARM_ARCH == 6
    sub r1, sp, #8
    strex r2, r3, [r1]
#endif
    ldr lr, [sp, #60]
    ldmia sp, {r0-r14}^
    nop
    movs pc, lr

    .bss
    .balign 8
    .space 8                            @ STREX's, below the registers
    .global native_regs
native_regs: .space 68
    .balign 8
    .space 4096
native_stack_end:
