/* SPDX-License-Identifier: Apache-2.0 */
/* Where HYP mode goes at a trap: a guest's, and its own. While a guest runs SP_hyp is its Hyp_context. */
#include <asm_offsets.h>
#include <variant.inc>

    .syntax unified
    .arm
    .section .text.hot, "ax"
    .balign 32
    .global hyp_vectors
hyp_vectors:
    b own_unexpected
    b hyp_own_undefined
    b own_unexpected
    b hyp_own_prefetch_abort
    b hyp_own_data_abort
    b guest_trap                        @ and SVC, if HCR.TGE were set
    b guest_irq
    b own_unexpected

    .macro save_guest_registers
    stmia sp, {r0-r12, lr}              @ HYP mode has the guest's LR_usr
    mrs r2, elr_hyp
    mrs r3, spsr
    strd r2, r3, [sp, #HYP_CONTEXT_PC]
    mov r0, sp
    ldr sp, =hypervisor_stack_end
    .endm

guest_irq:
    save_guest_registers
    bl on_hyp_irq
    b hyp_resume

/* SMCCC_VERSION (0x80000000) is 1.1 and PSCI_VERSION (0x84000000) 1.0: nothing else happens. */
guest_trap:
    str r1, [sp, #4]
    bic r1, r0, #0x04000000
    teq r1, #0x80000000
    bne 1f
    mrc p15, 4, r1, c5, c2, 0           @ HSR
    lsr r1, r1, #26
    teq r1, #EC_HVC
    bne 1f
    ldr r1, [sp, #HYP_CONTEXT_LEAF_CALLS]
    add r1, r1, #1
    str r1, [sp, #HYP_CONTEXT_LEAF_CALLS]
    tst r0, #0x04000000
    mov r0, #0x10000
    addeq r0, r0, #1
    ldr r1, [sp, #4]
    eret
1:  ldr r1, [sp, #4]
    save_guest_registers
    mrc p15, 4, r1, c5, c2, 0
    bl on_hyp_trap
/* In: r0 = Hyp_context to resume. */
    .global hyp_resume
hyp_resume:
    mov sp, r0
    ldrd r2, r3, [sp, #HYP_CONTEXT_PC]
    msr elr_hyp, r2
    msr spsr_cxsf, r3
    ldmia sp, {r0-r12, lr}
    eret

/*
 * A trap in the hypervisor itself: an instruction that has a fixup goes on behind it, anything else is a
 * mistake of ours. In: HYP mode, sp = the hypervisor's stack.
 */
    .macro own_hyp_trap name, kind
\name:
    push {r0-r3}
    mov r3, #\kind
    b own_fixup
    .endm

    own_hyp_trap hyp_own_undefined, HYP_TRAP_OWN_UNDEFINED
    own_hyp_trap hyp_own_prefetch_abort, HYP_TRAP_OWN_PREFETCH_ABORT
    own_hyp_trap hyp_own_data_abort, HYP_TRAP_OWN_DATA_ABORT

own_fixup:
    push {r4, lr}
    mrs r2, elr_hyp
    ldr r0, =__fixups_start
    ldr r1, =__fixups_end
1:  cmp r0, r1
    beq own_fatal
    ldr r4, [r0], #8
    cmp r4, r2
    bne 1b
    ldr r4, [r0, #-4]
    msr elr_hyp, r4
    pop {r4, lr}
    pop {r0-r3}
    eret

own_unexpected:
    ldr sp, =hypervisor_stack_end       @ whatever was there, it is not needed any more
    push {r0-r3}
    push {r4, lr}
    mov r3, #HYP_TRAP_OWN_UNEXPECTED
own_fatal:
    mrs r1, elr_hyp
    mrs r2, spsr
    ldr r0, [sp, #8]
    push {r0, r1, r2}                   @ Fatal_trap
    mov r0, r3
    mov r1, sp
    bl on_hyp_fatal
    .ltorg
