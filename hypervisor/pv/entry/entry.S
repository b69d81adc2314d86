/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traps from a guest and the way back. While a guest runs sp_svc points at its Context; the other modes'
 * stack pointers point at a few words of scratch. Interrupts stay masked in the hypervisor.
 */
#include <arch/arm/core/fixup.inc>
#include <asm_offsets.h>
#include <variant.inc>
#include <vambrace/abi.h>

#define MODE_SVC_MASKED 0xd3
#define PSR_USER 0x10

    .syntax unified
    .arm

/* The exception vectors: mapped at address 0 for the privileged modes only, or where VBAR points. */
    .section .vectors, "ax"
    .global vectors_start
vectors_start:
    ldr pc, .Lreset
    ldr pc, .Lundefined
    ldr pc, .Lsvc
    ldr pc, .Lprefetch_abort
    ldr pc, .Ldata_abort
    ldr pc, .Lreset
    ldr pc, .Lirq
    ldr pc, .Lreset
.Lreset: .word trap_unexpected
.Lundefined: .word trap_undefined
.Lsvc: .word trap_svc
.Lprefetch_abort: .word trap_prefetch_abort
.Ldata_abort: .word trap_data_abort
.Lirq: .word trap_irq

    .section .text.hot, "ax"
    .balign 32
/*
 * SVC from guest user: a system call. Stores the frame on the guest kernel's stack and enters the guest.
 * In: lr = guest pc, spsr = guest psr, sp = Context; its first word is user_frame, then two words of scratch.
 * Stores that fault restart the trap on the slow path. 23 instructions with the vector.
 * DDI 0100I A4.1.21, A4.1.98: the instruction after LDM or STM ^ touches no banked register.
 */
trap_svc:
    str lr, [sp, #8]
    ldr lr, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, lr, c3, c0, 0           @ open the guest kernel's domain
    sync_dacr lr
    ldr lr, [sp]
    cmp lr, #0
    beq hypercall
.Lin_1:
    stmia lr, {r0-r14}^
    mov r10, #0
    ldr r11, [sp, #8]
.Lin_2:
    str r11, [lr, #VAMBRACE_FRAME_PC]
    mrs r11, spsr
.Lin_3:
    str r11, [lr, #VAMBRACE_FRAME_PSR]
.Lin_4:
    str r0, [lr, #VAMBRACE_FRAME_ORIG_R0]
    ldr r11, [sp, #CONTEXT_SYSTEM_CALLS]
    ldmia sp, {sp}^                     @ the guest's sp = its frame
    add r11, r11, #1
    str r11, [sp, #CONTEXT_SYSTEM_CALLS]
    str r10, [sp]                       @ the guest kernel is running
    ldrd r10, r11, [lr, #40]
    msr spsr_cxsf, #PSR_USER            @ ARM state, little-endian; the flags are of no interest
    ldr lr, [sp, #CONTEXT_SVC_ENTRY]
    movs pc, lr
    fixup .Lin_1, svc_slow
    fixup .Lin_2, svc_slow_reload
    fixup .Lin_3, svc_slow_reload
    fixup .Lin_4, svc_slow_reload

/*
 * SVC from the guest kernel. RETURN to guest user with nothing else to do stays here: 32 instructions with
 * the vector. In: lr = 0. A RETURN gives up r1 to r12.
 */
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

/* A store to the frame that faulted after r10 and r11 were in use: both stand in the frame by then. */
svc_slow_reload:
    ldrd r10, r11, [lr, #40]
    b svc_slow

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

/*
 * RETURN that the fast path cannot finish: nothing that it
 * takes has changed but user_frame. What C++ left goes. */
return_slow:
    mov r0, #VAMBRACE_FUNCTION_BASE
    mov r11, #0
    mov r2, #0
    mov r3, #0
    mov r12, #0
    str r11, [sp]
/* In: [sp, #8] = the guest's pc, spsr its psr, all other registers as the guest had them. */
svc_slow:
    ldr lr, [sp, #8]
    stmib sp, {r0-r14}^
    mov r0, #TRAP_SVC
svc_enter:
    str lr, [sp, #CONTEXT_PC]
    mrs r1, spsr
    str r1, [sp, #CONTEXT_PSR]

/*
 * Calls on_trap. In: SVC mode, sp = Context with the guest's
 * registers in it, r0 = kind of trap, r1 = its status. */
enter:
    ldr r2, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, r2, c3, c0, 0
    sync_dacr r2
    ldr sp, =hypervisor_stack_end
    bl on_trap
/* In: r0 = Context to resume, SVC mode. */
    .global resume
resume:
    mov sp, r0
    ldr r1, [sp]
    clear_exclusive r0, r1
    ldr lr, [sp, #CONTEXT_PC]
    ldr r2, [sp, #CONTEXT_PSR]
    cmp r1, #0
    ldreq r1, [sp, #CONTEXT_DACR_KERNEL]
    ldrne r1, [sp, #CONTEXT_DACR_USER]
    msr spsr_cxsf, r2
    mcr p15, 0, r1, c3, c0, 0
    ldmib sp, {r0-r14}^
    after_user_registers
    movs pc, lr

/*
 * The other traps. In: the trap's mode, sp = its scratch. Moves everything to the Context and SVC mode;
 * a trap out of the hypervisor itself goes to `own`.
 */
    .macro save_guest name, pc_offset, own
\name:
    .if \pc_offset
    sub lr, lr, #\pc_offset
    .endif
    stmia sp, {r0, lr}
    mrs r0, spsr
    str r0, [sp, #8]
    tst r0, #0xf
    bne \own
    mov r0, sp
    msr cpsr_c, #MODE_SVC_MASKED
    stmib sp, {r0-r14}^
    ldmia r0, {r1-r3}
    str r1, [sp, #4]
    strd r2, r3, [sp, #CONTEXT_PC]
    .endm

    .macro own_trap name, kind
own_\name:
    mov r1, sp
    ldr sp, =hypervisor_stack_end
    mov r0, #\kind
    b on_fatal
    .endm

    .macro trap name, kind, pc_offset, own
    save_guest \name, \pc_offset, \own
    mov r0, #\kind
    b enter
    own_trap \name, \kind
    .endm

/*
 * Aborts. Of guest user most are its kernel's to see, because it has mapped nothing there: those that
 * `decide` is sure of get their frame here. Counts at `count`; enters the guest at `entry` with r0 = address,
 * r1 = status, r2 = frame, r4 = the count. If a store faults on_trap() is told what was decided: `told`.
 */
    .macro abort name, kind, told, pc_offset, own, decide, count, entry
    save_guest \name, \pc_offset, \own
    ldr r5, [sp]                        @ user_frame
    cmp r5, #0
    beq 1f
    ldr r2, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, r2, c3, c0, 0
    sync_dacr r2
    mov r0, sp
    mov r4, sp
    ldr sp, =hypervisor_stack_end
    bl \decide
    cmp r0, #0
    mov sp, r4
    beq 1f
forward_\name:
    add r1, sp, #4
    ldmia r1!, {r2, r3, r6-r12}         @ r0 to r8
.Lstore_1_\name:
    stmia r5!, {r2, r3, r6-r12}
    mov lr, r2                          @ orig_r0
    ldmia r1, {r2, r3, r6-r11}          @ r9 to psr
.Lstore_2_\name:
    stmia r5, {r2, r3, r6-r11, lr}
    mov r2, #VAMBRACE_SHARED_VA
    mov r1, #VAMBRACE_IRQ_MASKED
.Lstore_3_\name:
    str r1, [r2, #VAMBRACE_SHARED_IRQ_MASK]
    ldr r4, [sp, #\count]               @ it held an address of ours
    sub r2, r5, #36
    add r4, r4, #1
    str r4, [sp, #\count]
    mov r1, #0
    stmia sp, {r1, r2}                  @ the guest kernel is running
    ldmib sp, {sp}^                     @ the guest's sp = its frame
    mov r1, r0
    ldr r0, [sp, #CONTEXT_REFILL]
    msr spsr_cxsf, #PSR_USER
    ldr lr, [sp, #\entry]
    movs pc, lr
1:  mov r0, #\kind
    b enter
2:  mov r1, r0
    mov r0, #\told
    b enter
    own_trap \name, \kind
    fixup .Lstore_1_\name, 2b
    fixup .Lstore_2_\name, 2b
    fixup .Lstore_3_\name, 2b
    .endm

    trap trap_undefined, TRAP_UNDEFINED, 0, own_undefined
    trap trap_irq, TRAP_IRQ, 4, own_trap_irq
    abort trap_prefetch_abort, TRAP_PREFETCH_ABORT, TRAP_TOLD_PREFETCH_ABORT, 4, own_trap_prefetch_abort, \
        on_user_prefetch_abort, CONTEXT_PREFETCH_ABORTS, CONTEXT_PREFETCH_ABORT_ENTRY
    abort trap_data_abort, TRAP_DATA_ABORT, TRAP_TOLD_DATA_ABORT, 8, own_data_abort, on_user_data_abort, \
        CONTEXT_DATA_ABORTS, CONTEXT_DATA_ABORT_ENTRY

/*
 * A trap in the hypervisor itself: an instruction that has a fixup, or a mistake of ours, which goes to
 * `fatal`. In: the trap's mode, lr = where, sp = its scratch with r0, lr and spsr in it.
 */
    .macro own_fixup name, fatal, abort=0
\name:
    add r0, sp, #12
    stmia r0, {r1-r3}
    .if \abort
    if_asynchronous r0, r1, .Lasynchronous_\name
    .endif
    ldr r0, =__fixups_start
    ldr r1, =__fixups_end
1:  cmp r0, r1
    beq \fatal
    ldmia r0!, {r2, r3}
    cmp r2, lr
    bne 1b
    str r3, [sp, #4]
2:  add r0, sp, #12
    ldmia r0, {r1-r3}
    ldmia sp, {r0, lr}
    movs pc, lr
    .if \abort
.Lasynchronous_\name:                   @ r0 = its status: whoever runs has to answer for it
    ldr r1, =asynchronous_abort
    str r0, [r1]
    b 2b
    .endif
    .endm

/* An access to guest memory; or an external abort that comes when it pleases. */
    own_fixup own_data_abort, own_trap_data_abort, abort=1
/* Is there a VFP? */
own_undefined:
    sub lr, lr, #4
    own_fixup own_undefined_at, own_trap_undefined

trap_unexpected:
    ldr sp, =scratch
    b own_trap_undefined
    .ltorg

    .bss
    .balign 8
    .global hypervisor_stack_end
    .space 8192
hypervisor_stack_end:
    .global scratch
scratch:
    .space 3 * 24
    .global asynchronous_abort
asynchronous_abort:
    .space 4
