/* SPDX-License-Identifier: Apache-2.0 */
/* SVC of the guest kernel: RETURN, and the calls that need no more than a few registers. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
/*
 * SVC from the guest kernel. RETURN to guest user with nothing else to do stays here: 32 instructions with
 * the vector. In: lr = 0. A RETURN gives up r1 to r12.
 */
    .global hypercall
hypercall:
    cmp r0, #VAMBRACE_FUNCTION_BASE     @ RETURN
    ldreq r1, [sp, #CONTEXT_ATTENTION]
    cmpeq r1, #0
    beq return_fast
    subs lr, r0, #VAMBRACE_FUNCTION_BASE
    cmpeq r1, #ATTENTION_REFILL
    bne other_call
    mov r0, sp                          @ a refill needs no register of the guest's, which gave up r1 to r12
    ldr sp, =hypervisor_stack_end
    bl on_refill
    mov sp, r0
    mov r1, #0
return_fast:                            @ r1 = 0; r0 may be anything
    stmia sp, {sp, lr}^                 @ the frame: also where the next trap from guest user stores
    mov r10, #VAMBRACE_SHARED_VA
    ldr lr, [sp]
    mov r11, lr, ror #3                 @ aligned, and neither in page 0 nor in the window?
    sub r11, r11, #(0x1000 >> 3)
    cmp r11, #(0xfe000000 >> 3)
    bhs return_slow
.Lout_1:
    ldr r12, [lr, #VAMBRACE_FRAME_PSR]
.Lout_2:
    ldr r11, [lr, #VAMBRACE_FRAME_PC]
    tst r12, #0xcf                      @ I, F, or not mode USR
    bne return_slow
    str r1, [r10, #VAMBRACE_SHARED_IRQ_MASK]
    sanitize_psr r12
    orr r12, r12, #PSR_USER
    clear_exclusive r0, lr
    prepare_return r11, r12
.Lout_3:
    ldmia lr, {r0-r14}^
    after_user_registers
    ldr lr, [sp, #CONTEXT_DACR_USER]
    mcr p15, 0, lr, c3, c0, 0           @ close the guest kernel's domain
    return_prepared
    fixup .Lout_1, return_slow
    fixup .Lout_2, return_slow
    fixup .Lout_3, return_fault

/* Saves what C++ does not: struct Call, with the Context (r12) behind r1 to r3. */
    .macro begin_call
    str r12, [sp, #4]
    mov r12, sp
    ldr sp, =hypervisor_stack_end
    push {r1-r3, r12}
    .endm
/* lr = the guest's pc. */
    .macro end_call
    pop {r1-r3, r12}
    mov sp, r12
    ldr r12, [sp, #4]
    ldr lr, [sp, #8]
    .endm

/*
 * Not RETURN, or RETURN with more to do. Calls SWITCH_TABLE to TIME_GET need nothing of the guest's registers
 * but r0 to r3 and come back to where they were made: C++ keeps the others, and no Context is filled.
 */
other_call:                             @ lr = its number
    subs lr, lr, #VAMBRACE_NR_SWITCH_TABLE
    beq switch_table
    cmp lr, #(VAMBRACE_NR_TLB_FLUSH - VAMBRACE_NR_SWITCH_TABLE)
    beq flush_tlb
    cmp lr, #(VAMBRACE_NR_TIME_GET - VAMBRACE_NR_SWITCH_TABLE)
    bhi svc_slow
    begin_call
    adr r12, simple_calls - 4
    mov r0, sp
    ldr r12, [r12, lr, lsl #2]
    blx r12
    cmp r1, #0
    end_call
    movseq pc, lr
    stmib sp, {r0-r14}^                 @ it raised an interrupt: that may have to be taken now
    mov r0, #TRAP_NONE
    b svc_enter
    .if VAMBRACE_NR_FORGET_TABLE != VAMBRACE_NR_SWITCH_TABLE + 1 \
        || VAMBRACE_NR_TIME_GET != VAMBRACE_NR_SWITCH_TABLE + 6
    .error "simple_calls does not have the order of hypercalls.def"
    .endif
simple_calls:
    .word on_forget_table, on_tlb_flush, on_cache_op, on_set_tls, on_timer_set, on_time_get

/* The calls that are made most often raise no interrupt. */
switch_table:
    begin_call
    mov r0, r12
    bl on_switch_table
    end_call
    movs pc, lr

flush_tlb:
    begin_call
    mov r0, sp
    bl on_tlb_flush
    end_call
    movs pc, lr

/*
 * The frame's first page is missing, its last is not: spsr, irq_mask and by the
 * architecture r0 and the guest's sp and lr (DDI 0100I A2.6.5) are no longer
 * the guest kernel's. RETURN is made in ARM state, with interrupts masked.
 */
return_fault:
    ldmia sp, {sp, lr}^
    mov r0, #VAMBRACE_IRQ_MASKED
    mov r10, #VAMBRACE_SHARED_VA
    str r0, [r10, #VAMBRACE_SHARED_IRQ_MASK]
    msr spsr_cxsf, #PSR_USER

/* RETURN that the fast path cannot finish: of what it takes only user_frame has changed. */
return_slow:
    mov r0, #VAMBRACE_FUNCTION_BASE
    mov r11, #0
    mov r2, #0
    mov r3, #0
    mov r12, #0
    str r11, [sp]
    b svc_slow
    .ltorg
