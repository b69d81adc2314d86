/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's entry, its vectors, and calls in other modes. */
    .syntax unified
    .arch armv7-a
    .arch_extension virt
    .arch_extension sec
    .arm
    .section .entry, "ax"
    .global _start, start_state
_start:
    str r0, start_state                 @ before anything is changed: what a guest begins with
    str r1, start_state + 4
    adr r1, start_state + 8
    stmia r1!, {r2-r12}
    mrs r0, lr_usr
    str r0, [r1], #4
    str lr, [r1], #4
    .irp reg, sp_usr, sp_abt, lr_abt, spsr_abt, sp_und, lr_und, spsr_und, sp_irq, lr_irq, spsr_irq
    mrs r0, \reg
    str r0, [r1], #4
    .endr
    .irp reg, r8_fiq, r9_fiq, r10_fiq, r11_fiq, r12_fiq, sp_fiq, lr_fiq, spsr_fiq
    mrs r0, \reg
    str r0, [r1], #4
    .endr
    str sp, [r1], #4
    mrs r0, spsr
    str r0, [r1], #4
    mrs r0, cpsr
    str r0, [r1], #4
    b 1f
start_state: .space 4 * 36              @ struct start_state
1:  ldr sp, =svc_stack_end
    .irp mode, 0x17, 0x1b, 0x12, 0x11, 0x1f
    cps #\mode
    ldr sp, =stack_of_\mode
    .endr
    cps #0x13
    ldr r0, =__bss_start
    ldr r1, =__bss_end
    mov r3, #0
2:  cmp r0, r1
    strlo r3, [r0], #4
    blo 2b
    bl guest_main
    bl power_off
    .ltorg

    .text
    .balign 32
    .global vectors_arm, vectors_thumb
vectors_arm:
    b .
    b entry_undefined
    b entry_svc
    b entry_prefetch
    b entry_data
    b .
    b entry_irq
    b entry_fiq

/* With SCTLR.TE an exception is taken in Thumb state. */
    .thumb
    .balign 32
vectors_thumb:
    b.w thumb_unexpected
    b.w thumb_undefined
    b.w thumb_svc
    b.w thumb_prefetch
    b.w thumb_data
    b.w thumb_unexpected
    b.w thumb_irq
    b.w thumb_fiq
    .macro to_arm name, target
    .balign 4
\name:
    bx pc
    nop
    .arm
    b \target
    .thumb
    .endm
    to_arm thumb_unexpected, .
    to_arm thumb_undefined, entry_undefined
    to_arm thumb_svc, entry_svc
    to_arm thumb_prefetch, entry_prefetch
    to_arm thumb_data, entry_data
    to_arm thumb_irq, entry_irq
    to_arm thumb_fiq, entry_fiq
    .arm

/* Stores struct frame below the mode's stack pointer. TPIDRPRW is lost. The order of data may be anything. */
    .macro entry name, kind
\name:
    sub sp, sp, #64
    mcr p15, 0, r0, c13, c0, 4
    mrs r0, cpsr
    setend le
    str r0, [sp, #60]
    mrc p15, 0, r0, c13, c0, 4
    stmia sp, {r0-r12}
    str lr, [sp, #52]
    mrs r0, spsr
    str r0, [sp, #56]
    mov r0, #\kind
    b trapped
    .endm
    entry entry_undefined, 1
    entry entry_prefetch, 2
    entry entry_data, 3
    entry entry_irq, 5
    entry entry_fiq, 6
trapped:
    mov r1, sp
    clrex
    bl on_trap
    ldr r0, [sp, #56]
    msr spsr_cxsf, r0
    ldr lr, [sp, #52]
    ldmia sp, {r0-r12}
    add sp, sp, #64
    movs pc, lr

/* From user mode: call_user() ends. Else a trap as any other, which spoils lr, as always. */
entry_svc:
    setend le
    push {r0}
    mrs r0, spsr
    and r0, r0, #0x1f
    teq r0, #0x10
    pop {r0}
    beq 1f
    sub sp, sp, #64
    stmia sp, {r0-r12}
    str lr, [sp, #52]
    mrs r0, spsr
    str r0, [sp, #56]
    mrs r0, cpsr
    str r0, [sp, #60]
    mov r0, #4
    b trapped
1:  ldr r1, =kernel_sp
    ldr sp, [r1]
    pop {r1, r4-r11, lr}
    msr cpsr_cx, r1
    bx lr

/* u32 call_user(fn, a, b): runs fn(a, b) in user mode; what it returns. Its stack is user_stack_end. */
    .global call_user
call_user:
    mrs r3, cpsr
    push {r3, r4-r11, lr}
    ldr ip, =kernel_sp
    str sp, [ip]
    cps #0x1f
    ldr sp, =stack_of_0x1f
    ldr lr, =user_returns
    cps #0x13
    and r3, r3, #0x1c0
    orr r3, r3, #0x10
    tst r0, #1
    orrne r3, r3, #0x20
    msr spsr_cxsf, r3
    mov lr, r0
    bic lr, lr, #1
    mov r0, r1
    mov r1, r2
    movs pc, lr
user_returns:
    svc #0

/* u32 call_in_mode(fn, a, b, mode): the same in a privileged mode, with that mode's stack. */
    .global call_in_mode
call_in_mode:
    push {r4, r5, r6, lr}
    mrs r4, cpsr
    bic r5, r4, #0x1f
    orr r5, r5, r3
    mov r3, r0                          @ FIQ mode has an r12 of its own
    mov r0, r1
    mov r1, r2
    msr cpsr_c, r5
    mov r6, lr                          @ the mode's
    blx r3
    mov lr, r6
    msr cpsr_c, r4
    pop {r4, r5, r6, pc}

/* void take_nested(void): from a hook, in IRQ or FIQ mode: takes interrupts of higher priority. */
    .global take_nested
take_nested:
    push {r4, lr}
    mrs r4, cpsr
    cpsie if, #0x1f
    isb
    nop
    nop
    msr cpsr_c, r4
    pop {r4, pc}

    .macro call name, instruction
    .global \name
\name:
    push {r4, r5, r6, lr}
    mov r6, r0
    ldmia r6, {r0-r5}
    \instruction #0
    stmia r6, {r0-r5}
    pop {r4, r5, r6, pc}
    .endm
/* void hvc_words(u32 words[6]): r0 to r5, there and back. */
    call hvc_words, hvc
    call smc_words, smc
    .ltorg

    .bss
    .balign 8
kernel_sp: .space 8
    .space 16384
svc_stack_end:
    .space 8192
stack_of_0x12:
    .space 4096
stack_of_0x11:
    .space 4096
stack_of_0x17:
    .space 4096
stack_of_0x1b:
    .space 8192
    .global user_stack_end
user_stack_end:
stack_of_0x1f:
