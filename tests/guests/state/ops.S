/* SPDX-License-Identifier: Apache-2.0 */
/* Code whose psr is out of the ordinary. */
    .syntax unified
    .arch armv6k
    .arm
    .macro user name
    .section .text_user, "ax"
    .arm
    .balign 4
    .global user_\name
user_\name:
    .endm

    user big                            @ r0 = a word and room for another
    setend be
    ldr r1, [r0]
    str r1, [r0, #4]
    rev r2, r1
    str r2, [r0, #4]
    svc #1
    ldr r2, [r0]
    svc #2
    setend le
    ldr r2, [r0]
    svc #3
    user big_fault
    setend be
    .global user_big_fault_at
user_big_fault_at:
    ldr r1, [r0]
    svc #1
    user big_undefined
    setend be
    udf #0
    user big_svc
    svc #1
    user big_loop                       @ r0 = a word that is 1, r1 = rounds; r2 counts what went wrong
    setend be
    mov r2, #0
1:  ldr r3, [r0]
    cmp r3, #0x01000000
    addne r2, r2, #1
    subs r1, r1, #1
    bne 1b
    svc #1
    user ge                             @ r0 = GE and Q
    mvn r2, #0
    mov r3, #0
    msr cpsr_fs, r0
    svc #1
    sel r4, r2, r3
    svc #2
    user ge_loop                        @ r0 = rounds
    mov r2, #0
    mvn r3, #0
    mov r4, #0
1:  msr cpsr_s, #0x50000
    sel r5, r3, r4
    sel r6, r3, r4
    sel r7, r3, r4
    cmp r5, r6
    cmpeq r6, r7
    addne r2, r2, #1
    subs r0, r0, #1
    bne 1b
    svc #1
    user cpsr
    mrs r1, cpsr
    svc #1
    user hints
    nop
    yield
    sev
    wfe                                 @ takes the event that SEV has set
    .word 0xe320f0f0                    @ DBG #0
    svc #1
    user wfi
    wfi
    svc #1
    user bxj
    bxj r0
    user thumb_svc
    .thumb
    svc #1
    svc #1
    .arm

    .text
    .arm
    .balign 4
/* u32 kernel_big_call(u32 id): CPSR after the hypercall */
    .global kernel_big_call, kernel_big_mrc, kernel_big_read, kernel_big_fault
kernel_big_call:
    setend be
    svc #0
    mrs r0, cpsr
    setend le
    bx lr
kernel_big_mrc:
    setend be
    mrc p15, 0, r0, c1, c0, 0
    setend le
    bx lr
kernel_big_read:
    setend be
    ldr r0, [r0]
    setend le
    bx lr
kernel_big_fault:
    setend be
    ldr r0, [r0]
    setend le
    bx lr
