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

/* What the code below takes for granted of each call's class; last_fast = the table's end. */
    .macro class_SLOW number
    .if \number == VAMBRACE_NR_SWITCH_TABLE || \number == VAMBRACE_NR_TLB_FLUSH
    .error "a call with a way of its own is slow"
    .endif
    .endm
    .macro class_FAST number
    .if \number <= VAMBRACE_NR_SWITCH_TABLE
    .error "a fast call comes before the table of them"
    .endif
    .set last_fast, \number
    .endm
    .macro class_FAST_IRQ number
    .if \number == VAMBRACE_NR_TLB_FLUSH
    .error "nobody sees the interrupt of a call with a way of its own"
    .endif
    class_FAST \number
    .endm
    .macro class_DIRECT number
    .if \number != VAMBRACE_NR_SWITCH_TABLE
    .error "a direct call has no way of its own"
    .endif
    .endm
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter) \
    class_##class number;
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL

/*
 * Not RETURN, or RETURN with more to do. Fast calls need nothing of the guest's registers but r0 to r3 and
 * come back to where they were made: C++ keeps the others, and no Context is filled. A slow one among their
 * numbers says that it is.
 */
other_call:                             @ lr = its number
    subs lr, lr, #VAMBRACE_NR_SWITCH_TABLE
    beq switch_table
    cmp lr, #(VAMBRACE_NR_TLB_FLUSH - VAMBRACE_NR_SWITCH_TABLE)
    beq flush_tlb
    cmp lr, #(last_fast - VAMBRACE_NR_SWITCH_TABLE)
    bhi svc_slow
    begin_call
    adr r12, calls
    mov r0, sp
    ldr r12, [r12, lr, lsl #2]
    blx r12
    cmp r1, #AFTER_CALL_SEE_INTERRUPT
    end_call
    movslo pc, lr
    stmib sp, {r0-r14}^
    moveq r0, #TRAP_NONE                @ the interrupt may have to be taken now
    movhi r0, #TRAP_SVC                 @ r0 was the call's identifier: all is as the guest had it
    b svc_enter

/* By number, from SWITCH_TABLE (which is not looked up) to the last fast call. */
    .macro entry number, upcall
    .if \number >= VAMBRACE_NR_SWITCH_TABLE && \number <= last_fast
    .if \number != next_number
    .error "between fast calls is a number without a call"
    .endif
    .set next_number, \number + 1
    .word \upcall
    .endif
    .endm
#define VAMBRACE_CALL(number, NAME, function, arguments, names, results, errors, class, counter) \
    entry number, on_##function;
    .set next_number, VAMBRACE_NR_SWITCH_TABLE
calls:
#include <vambrace/hypercalls.def>
#undef VAMBRACE_CALL

/* Two calls are made so often that they have ways of their own: they raise no interrupt. */
switch_table:                           @ DIRECT
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
