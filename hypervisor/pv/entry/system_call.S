/* SPDX-License-Identifier: Apache-2.0 */
/* The way in of guest user's SVC. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
    .balign 64                          @ the address says whose SVC it is: SVC_OF_KERNEL
/*
 * SVC from guest user: a system call. Stores the frame on the guest kernel's stack and enters the guest.
 * In: lr = guest pc, spsr = guest psr, sp = Context: user_frame, then two words of scratch.
 * Stores that fault restart the trap on the slow path. The guest loses r10 and r11, which hold nothing of
 * ours. 18 instructions with the vector on ARMv5, 16 on ARMv7.
 * DDI 0100I A4.1.21, A4.1.98: the instruction after LDM or STM ^ touches no banked register.
 */
    .global trap_svc
trap_svc:
    begin_system_call
    ldr lr, [sp, #CONTEXT_DACR_KERNEL]
    mcr p15, 0, lr, c3, c0, 0           @ open the guest kernel's domain
    sync_dacr lr
    ldr lr, [sp]
.Lin_1:
    stmia lr, {r0-r14}^
    finish_system_call                  @ frame, handler, the guest's sp; or svc_slow_reload
    msr spsr_cxsf, #PSR_USER            @ ARM state, little-endian; the flags are of no interest
    ldr lr, [sp, #CONTEXT_SVC_ENTRY]
    movs pc, lr
    fixup .Lin_1, svc_slow_first

/* A store to the frame that faulted after r10 and r11 were in use: both stand in the frame by then. */
    .global svc_slow_reload
svc_slow_reload:
    ldrd r10, r11, [lr, #40]
svc_slow_first:
    ldr lr, [sp, #4]
    b svc_slow
    .ltorg

    .section .rodata
    .balign 4
    .global svc_handlers
svc_handlers:                           @ by Guest_mode
    .word trap_svc, hypercall
