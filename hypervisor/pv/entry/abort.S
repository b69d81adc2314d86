/* SPDX-License-Identifier: Apache-2.0 */
/* Aborts of a guest: most are its kernel's to see. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
/*
 * Aborts. Of guest user most are its kernel's to see, because it has mapped nothing there: those that
 * `decide` is sure of get their frame here. Counts at `count`; enters the guest at `entry` with r0 = address,
 * r1 = status, r2 = frame, r4 = the count. If a store faults on_trap() is told what was decided: `certain`.
 */
    .macro abort name, kind, certain, pc_offset, own, decide, count, entry
    save_guest \name, \pc_offset, \own
    ldr r5, [sp, #CONTEXT_SVC_HANDLER]
    tst r5, #SVC_OF_KERNEL
    bne 1f
    ldr r2, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, r2, c3, c0, 0
    sync_dacr r2
    sub r0, sp, #CONTEXT_STACK
    mov r4, sp
    ldr sp, =hypervisor_stack_end
    bl \decide
    cmp r0, #0
    mov sp, r4
    beq 1f
forward_\name:
    ldr r5, [sp]                        @ user_frame
    add r1, sp, #4
    ldmia r1!, {r2, r3, r6-r12}         @ r0 to r8
.Lstore_1_\name:
    stmia r5!, {r2, r3, r6-r12}
    mov lr, r2                          @ orig_r0
    ldmia r1, {r2, r3, r6-r11}          @ r9 to psr
.Lstore_2_\name:
    stmia r5, {r2, r3, r6-r11, lr}
    mov r2, #VAMBRACE_SHARED_VA
    orr r1, r2, #VAMBRACE_IRQ_MASKED
.Lstore_3_\name:
    str r1, [r2, #VAMBRACE_SHARED_IRQ_MASK]
    ldr r4, [sp, #\count]               @ it held an address of ours
    sub r2, r5, #36
    add r4, r4, #1
    str r4, [sp, #\count]
    ldr r1, =hypercall
    str r1, [sp, #CONTEXT_SVC_HANDLER]  @ the guest kernel is running
    ldmia sp, {sp}^                     @ the guest's sp = its frame
    mov r1, r0
    ldr r0, [sp, #CONTEXT_REFILL]
    msr spsr_cxsf, #PSR_USER
    ldr lr, [sp, #\entry]
    movs pc, lr
1:  mov r0, #\kind
    b enter
2:  mov r1, r0
    mov r0, #\certain
    b enter
    own_trap \name, \kind
    fixup .Lstore_1_\name, 2b
    fixup .Lstore_2_\name, 2b
    fixup .Lstore_3_\name, 2b
    .endm

    abort trap_prefetch_abort, TRAP_PREFETCH_ABORT, TRAP_CERTAIN_PREFETCH_ABORT, 4, own_trap_prefetch_abort, \
        on_user_prefetch_abort, CONTEXT_PREFETCH_ABORTS, CONTEXT_PREFETCH_ABORT_ENTRY
    abort trap_data_abort, TRAP_DATA_ABORT, TRAP_CERTAIN_DATA_ABORT, 8, own_data_abort, on_user_data_abort, \
        CONTEXT_DATA_ABORTS, CONTEXT_DATA_ABORT_ENTRY
    .ltorg
