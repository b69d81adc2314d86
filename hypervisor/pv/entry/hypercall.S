/* SPDX-License-Identifier: Apache-2.0 */
/* SVC of the guest kernel: RETURN, and the calls that need no more than a few registers. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
    .balign 64
/*
 * The frame's first page is missing, its last is not: spsr, irq_mask, SVC's handler and by the
 * architecture r0 and the guest's sp and lr (DDI 0100I A2.6.5) are no longer
 * the guest kernel's. RETURN is made in ARM state, with interrupts masked. In: lr = the guest's pc.
 */
return_fault:
    ldmia sp, {sp, lr}^
    mov r10, #VAMBRACE_SHARED_VA
    orr r11, r10, #VAMBRACE_IRQ_MASKED
    str r11, [r10, #VAMBRACE_SHARED_IRQ_MASK]
    ldr r11, =hypercall
    str r11, [sp, #CONTEXT_SVC_HANDLER]
    msr spsr_cxsf, #PSR_USER
    b return_slow
    .balign 32                          @ the address says whose SVC it is: SVC_OF_KERNEL
/*
 * SVC from the guest kernel. RETURN to guest user with nothing else to do stays here: 27 instructions with
 * the vector on ARMv5, 26 on ARMv7. In: lr = the guest's pc. A RETURN gives up r1 to r12.
 */
    .global hypercall
hypercall:
    cmp r0, #VAMBRACE_FUNCTION_BASE     @ RETURN
    ldreq r1, [sp, #CONTEXT_ATTENTION]
    cmpeq r1, #0
    beq return_fast
    stmib sp, {r0-r4, r12, lr}
    subs lr, r0, #VAMBRACE_FUNCTION_BASE
    bne other_call
    cmp r1, #ATTENTION_REFILL
    bne svc_slow_again
    sub r0, sp, #CONTEXT_STACK          @ a refill needs no register of the guest's, which gave up r1 to r12
    ldr sp, =hypervisor_stack_end
    bl on_refill
    add sp, r0, #CONTEXT_STACK
    ldr lr, [sp, #SCRATCH_LR]
return_fast:                            @ r0 and r1 may be anything
    stmia sp, {sp, lr}^                 @ the frame: also where the next trap from guest user stores
    mov r2, #VAMBRACE_SHARED_VA
    ldr r9, [sp]
    mov r3, r9, ror #3                  @ aligned, and neither in page 0 nor in the window?
    sub r3, r3, #(0x1000 >> 3)
    cmp r3, #(0xfe000000 >> 3)
    bhs return_slow
    load_return_state r9                @ to return_pc, return_psr; return_slow if it faults
    tst return_psr, #0xcf               @ I, F, or not mode USR
    bne return_slow
    str r2, [r2, #VAMBRACE_SHARED_IRQ_MASK]
    sanitize_psr return_psr
    orr return_psr, return_psr, #PSR_USER
    clear_exclusive r0, r9
    ldr r8, =trap_svc
    prepare_return r8                   @ from here on SVC is a system call
.Lout_3:
    ldmia r9, {r0-r14}^
    after_user_registers
    ldr lr, [sp, #CONTEXT_DACR_USER]
    mcr p15, 0, lr, c3, c0, 0           @ close the guest kernel's domain
    return_prepared
    fixup .Lout_3, return_fault

/*
 * RETURN that the fast path cannot finish: nothing that counts has changed. In: lr = the guest's pc. What C++
 * and the code above have left of ours in registers goes: RETURN may fail.
 */
return_slow:
    mov r0, #VAMBRACE_FUNCTION_BASE
    mov r1, #0
    mov r8, #0
    mov r9, #0
    mov r11, #0
    mov r12, #0
    b svc_slow

/*
 * C++ keeps all but r0 to r3, r12 and lr, which are in the Context's scratch with r4. r4 has the stack
 * pointer meanwhile.
 */
    .macro begin_call
    mov r4, sp
    sub r0, sp, #CONTEXT_STACK
    ldr sp, =hypervisor_stack_end
    .endm
/* lr = the guest's pc; r0 is the call's. */
    .macro end_call
    mov sp, r4
    add lr, sp, #8
    ldmia lr, {r1-r4, r12, lr}
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
    .macro class_FAST_WAKE number
    class_FAST_IRQ \number
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
 * Not RETURN. Fast calls need nothing of the guest's registers but r0 to r3 and
 * come back to where they were made: C++ keeps the others, and no Context is filled. A slow one among their
 * numbers says that it is.
 */
other_call:                             @ lr = its number
    subs lr, lr, #VAMBRACE_NR_SWITCH_TABLE
    beq switch_table
    cmp lr, #(VAMBRACE_NR_TLB_FLUSH - VAMBRACE_NR_SWITCH_TABLE)
    beq flush_tlb
    cmp lr, #(last_fast - VAMBRACE_NR_SWITCH_TABLE)
    bhi svc_slow_again
    begin_call
    adr r12, calls
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
    bl on_switch_table
    end_call
    movs pc, lr

flush_tlb:
    begin_call
    bl on_tlb_flush
    end_call
    movs pc, lr

    .ltorg
