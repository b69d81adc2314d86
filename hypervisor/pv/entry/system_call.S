/* SPDX-License-Identifier: Apache-2.0 */
/* The way in of guest user's SVC. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
    .balign 32
/*
 * SVC from guest user: a system call. Stores the frame on the guest kernel's stack and enters the guest.
 * In: lr = guest pc, spsr = guest psr, sp = Context; its first word is user_frame, then two words of scratch.
 * Stores that fault restart the trap on the slow path. 23 instructions with the vector.
 * DDI 0100I A4.1.21, A4.1.98: the instruction after LDM or STM ^ touches no banked register.
 */
    .global trap_svc
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

/* A store to the frame that faulted after r10 and r11 were in use: both stand in the frame by then. */
svc_slow_reload:
    ldrd r10, r11, [lr, #40]
    b svc_slow
