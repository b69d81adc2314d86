/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's entry, its trap entry points, and jumps between contexts. */
#include <vambrace/abi.h>

    .syntax unified
    .arm
    .section .entry, "ax"
    .global _start
_start:
    ldr sp, =stack_end
    ldr r0, =__bss_start
    ldr r1, =__bss_end
    mov r3, #0
1:  cmp r0, r1
    strlo r3, [r0], #4
    blo 1b
    mov r0, r2
    bl guest_main
    bl power_off

    .text
/* Entered as docs/abi.md section 3 says: sp = the frame. lr is nobody's. */
    .macro vector name, kind
    .global \name
\name:
    ldr lr, =trap + 4
    stmia lr!, {r0-r12}
    str sp, [lr]
    mov r0, #\kind
    b trapped
    .endm

    vector entry_svc_user, 1
    vector entry_undefined_user, 2
    vector entry_prefetch_user, 3
    vector entry_data_user, 4
    vector entry_irq_user, 5
    vector entry_undefined_kernel, 6
    vector entry_prefetch_kernel, 7
    vector entry_data_kernel, 8
    vector entry_irq_kernel, 9
    vector entry_double_fault, 10

trapped:
    mov r4, sp
    bic sp, sp, #7
    mov r1, r4
    bl on_trap
    mov sp, r4
    ldr r0, =VAMBRACE_FUNCTION_BASE
    svc #0                              @ RETURN
    bl return_failed

/* int resume(struct vambrace_frame *frame) */
    .global resume
resume:
    push {r4-r11, lr}
    ldr r1, =resume_sp
    str sp, [r1]
    mov sp, r0
    ldr r0, =VAMBRACE_FUNCTION_BASE
    svc #0
    ldr r1, =resume_sp
    ldr sp, [r1]
    pop {r4-r11, pc}

/* int save_context(u32 *to): 0, and 1 when restore_context() comes back here. */
    .global save_context
save_context:
    stmia r0, {r4-r11, sp, lr}
    mov r0, #0
    bx lr

    .global restore_context
restore_context:
    ldmia r0, {r4-r11, sp, lr}
    mov r0, #1
    bx lr

/* void call_on(u32 sp, operation *op, u32 address, u32 value) */
    .global call_on
call_on:
    push {r4, lr}
    mov r4, sp
    ldr lr, =call_on_sp
    str sp, [lr]
    mov sp, r0
    mov ip, r1
    mov r0, r2
    mov r1, r3
    mov lr, pc
    bx ip
    ldr r4, =call_on_sp
    ldr sp, [r4]
    pop {r4, pc}
    .ltorg

    .bss
    .balign 8
call_on_sp: .space 4
resume_sp: .space 4
stack: .space 16384
    .global stack_end
stack_end:
emergency_stack: .space 4096
    .global emergency_stack_end
emergency_stack_end:
