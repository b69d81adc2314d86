/* SPDX-License-Identifier: Apache-2.0 */
/* The way into C++ and back to a guest, for whatever has no way of its own. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
/*
 * An SVC that needs C++. In: lr = the guest's pc, at svc_slow_again in the scratch,
 * spsr its psr, all other registers as the guest had them. */
    .global svc_slow_again
svc_slow_again:
    ldr lr, [sp, #SCRATCH_LR]
    .global svc_slow
svc_slow:
    stmib sp, {r0-r14}^
    mov r0, #TRAP_SVC
    .global svc_enter
svc_enter:
    str lr, [sp, #CONTEXT_PC]
    mrs r1, spsr
    str r1, [sp, #CONTEXT_PSR]

/* Calls on_trap. In: SVC mode, sp = Context with the guest's registers in it, r0 = kind, r1 = status. */
    .global enter
enter:
    ldr r2, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, r2, c3, c0, 0
    sync_dacr r2
    sub r2, sp, #CONTEXT_STACK
    ldr sp, =hypervisor_stack_end
    bl on_trap
/* In: r0 = Context to resume, SVC mode. */
    .global resume
resume:
    add sp, r0, #CONTEXT_STACK
    load_for_exclusive r1
    clear_exclusive r0, r1
    ldr r1, [sp, #CONTEXT_SVC_HANDLER]
    ldr lr, [sp, #CONTEXT_PC]
    ldr r2, [sp, #CONTEXT_PSR]
    tst r1, #SVC_OF_KERNEL
    ldrne r1, [sp, #CONTEXT_DACR_KERNEL]
    ldreq r1, [sp, #CONTEXT_DACR_USER]
    msr spsr_cxsf, r2
    mcr p15, 0, r1, c3, c0, 0
    ldmib sp, {r0-r14}^
    after_user_registers
    movs pc, lr

    .macro trap name, kind, pc_offset, own
    save_guest \name, \pc_offset, \own
    mov r0, #\kind
    b enter
    own_trap \name, \kind
    .endm

    trap trap_undefined, TRAP_UNDEFINED, 0, own_undefined
    trap trap_irq, TRAP_IRQ, 4, own_trap_irq
    .ltorg
