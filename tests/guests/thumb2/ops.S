/* SPDX-License-Identifier: Apache-2.0 */
/* Thumb-2 code with IT blocks. Each block: r1 := 1, the instruction in question, r2 := 2; r3 is the other
   case. */
    .syntax unified
    .arch armv7-a
    .macro user name
    .section .text_user, "ax"
    .thumb
    .balign 4
    .global user_\name
user_\name:
    .endm

    .macro block instruction:vararg
    cmp r0, r0
    ittte eq
    moveq r1, #1
    \instruction
    moveq r2, #2
    movne r3, #3
    movs r4, #4
    svc #1
    .endm

    .global user_it_svc_at, user_it_undefined_at, user_it_load_at, user_wide_end
    user it_svc
    block user_it_svc_at: svceq 5
    user it_undefined
    block user_it_undefined_at: .inst.n 0xde00
    user it_load
    block user_it_load_at: ldreq r5, [r0]
    user it_store
    block streq r0, [r0]
    user it_jump
    block moveq r5, #5
user_wide_end:
    user it_false_load
    cmp r0, r0
    it ne
    ldrne r5, [r0]
    movs r4, #4
    svc #1
    user wide
    movw r1, #0x1234
    svc #1
    user wide_undefined
    .inst.w 0xf7f0a000                  @ UDF.W
    svc #1

    .macro loop_of_blocks               @ r0 rounds; r1 and r2 count
    movs r1, #0
    movs r2, #0
1:  cmp r0, r0
    itett eq
    addeq r1, #1
    addne r2, #1
    addeq r1, #1
    addeq r1, #1
    subs r0, #1
    bne 1b
    .endm
    user it_loop
    loop_of_blocks
    svc #1
    user enterx
    .inst.w 0xf3bf8f1f
    .inst.w 0xf3bf8f0f                  @ LEAVEX
    svc #1

    .text
    .thumb
    .balign 4
/* u32 kernel_it_mrc(u32 equal, u32 *results) */
    .global kernel_it_mrc
    .thumb_func
kernel_it_mrc:
    push {r4, r5, r6, lr}
    movs r2, #0
    movs r3, #0
    movs r4, #0
    movs r5, #0
    cmp r0, #1
    ittte eq
    moveq r3, #1
    mrceq p15, 0, r2, c1, c0, 0
    moveq r4, #3
    movne r5, #7
    stm r1, {r3, r4, r5}
    mov r0, r2
    pop {r4, r5, r6, pc}

/* u32 kernel_it_svc(u32 id, u32 *results), and the same by SMC */
    .macro kernel_call name, instruction:vararg
    .global \name
    .thumb_func
\name:
    push {r4, r5, r6, lr}
    mov r6, r1
    movs r4, #0
    movs r5, #0
    movs r1, #1
    cmp r0, r0
    ittte eq
    moveq r1, #1
    \instruction
    moveq r4, #3
    movne r5, #7
    stm r6, {r4, r5}
    pop {r4, r5, r6, pc}
    .endm
    kernel_call kernel_it_svc, svceq 0
    kernel_call kernel_it_smc, .inst.w 0xf7f08000

/* void kernel_it_loop(u32 rounds, u32 *counts) */
    .global kernel_it_loop
    .thumb_func
kernel_it_loop:
    mov r3, r1
    loop_of_blocks
    stm r3, {r1, r2}
    bx lr

/* u32 kernel_wide_mcr(u32 value): CONTEXTIDR */
    .global kernel_wide_mcr
    .thumb_func
kernel_wide_mcr:
    mcr p15, 0, r0, c13, c0, 1
    mrc p15, 0, r0, c13, c0, 1
    bx lr

/* operation: r0 = address, r1 = results */
    .global kernel_it_load, kernel_it_load_at
    .thumb_func
kernel_it_load:
    push {r4, r5, r6, lr}
    movs r4, #0
    movs r5, #0
    cmp r0, r0
    ittte eq
    moveq r3, #1
kernel_it_load_at:
    ldreq r2, [r0]
    moveq r4, #3
    movne r5, #7
    stm r1, {r2, r4, r5}
    pop {r4, r5, r6, pc}

/* Forms of 32 bits on a device: r0 = address, r1 = where results go; r2 is loaded or stored. */
    .macro wide name, offset, moved, loads, value, instruction:vararg
    .section .rodata.names, "a"
wide_name_\@: .asciz "\name"
    .text
    .thumb
    .balign 4
    .thumb_func
wide_\@:
    push {r4, r5, r6, lr}
    movw r2, #0x2468
    movs r3, #0
    movs r4, #4
    \instruction
    stm r1, {r2, r3}
    str r0, [r1, #4]
    pop {r4, r5, r6, pc}
    .section .rodata.wide, "a"
    .word wide_name_\@, wide_\@, \offset, \moved, \loads, \value
    .endm

    .section .rodata.wide, "a"
    .balign 4
    .global wide_forms, wide_form_count
wide_forms:
    wide ldr.w, -4, 0, 1, 0x8081, ldr.w r2, [r0, 4]
    wide ldr_negative, 4, 0, 1, 0x8081, ldr r2, [r0, -4]
    wide ldr_register, -8, 0, 1, 0x8081, ldr.w r2, [r0, r4, lsl 1]
    wide ldr_pre, -4, 4, 1, 0x8081, ldr r2, [r0, 4]!
    wide ldr_post, 0, -4, 1, 0x8081, ldr r2, [r0], -4
    wide ldrt, 0, 0, 1, 0x8081, ldrt r2, [r0]
    wide ldrb.w, 0, 0, 1, 0x80, ldrb.w r2, [r0, 1]
    wide ldrsb.w, 0, 0, 1, 0xffffff81, ldrsb.w r2, [r0]
    wide ldrh.w, 0, 0, 1, 0x8081, ldrh.w r2, [r0]
    wide ldrsh.w, 0, 0, 1, 0xffff8081, ldrsh.w r2, [r0]
    wide ldrd, -4, 0, 1, 0x8081, ldrd r2, r3, [r0, 4]
    wide ldm.w, 0, 8, 1, 0x8081, ldmia.w r0!, {r2, r3}
    wide ldmdb, 8, 0, 1, 0x8081, ldmdb r0, {r2, r3}
    wide str.w, -4, 0, 0, 0x2468, str.w r2, [r0, 4]
    wide str_pre, 4, -4, 0, 0x2468, str r2, [r0, -4]!
    wide str_post, 0, 4, 0, 0x2468, str r2, [r0], 4
    wide strh.w, 0, 0, 0, 0x2468, strh.w r2, [r0]
    wide strd, 0, 0, 0, 0x2468, strd r2, r3, [r0]
    wide stm.w, 0, 8, 0, 0x2468, stmia.w r0!, {r2, r3}
wide_end:
wide_form_count: .word (wide_end - wide_forms) / 24
