/* SPDX-License-Identifier: Apache-2.0 */
/* Every load and store, for guest kernel (ends with bx lr) and guest user (svc #1), in one table. */
    .syntax unified
    .arm
    .section .text_user, "ax"
    .global user_text_start
user_text_start:

    .macro access name, size, writes, instruction:vararg
    .section .rodata.names, "a"
name_\name: .asciz "\name"
    .section .text_user, "ax"
    .global user_\name
user_\name:
    \instruction
    svc #1
    .text
    .global kernel_\name
kernel_\name:
    \instruction
    bx lr
    .section .rodata.accesses, "a"
    .word name_\name, kernel_\name, user_\name, \size, \writes
    .endm

/* Thumb: into it and, for the kernel, back. r0 = address, r1 = value, lr = where to go on. */
    .macro thumb_access name, size, writes, instruction:vararg
    .section .rodata.names, "a"
name_\name: .asciz "\name"
    .section .text_user, "ax"
    .global user_\name
user_\name:
    adr r3, 1f + 1
    bx r3
    .thumb
    .balign 4
1:  \instruction
    svc #1
    .arm
    .balign 4
    .text
    .global kernel_\name
kernel_\name:
    adr r3, 1f + 1
    bx r3
    .thumb
    .balign 4
1:  \instruction
    bx lr
    .arm
    .balign 4
    .section .rodata.accesses, "a"
    .word name_\name, kernel_\name, user_\name, \size, \writes
    .endm

    .section .rodata.accesses, "a"
    .balign 4
    .global accesses
accesses:
    access ldr, 4, 0, ldr r1, [r0]
    access ldrb, 1, 0, ldrb r1, [r0]
    access ldrh, 2, 0, ldrh r1, [r0]
    access ldrsb, 1, 0, ldrsb r1, [r0]
    access ldrsh, 2, 0, ldrsh r1, [r0]
    access ldrt, 4, 0, ldrt r1, [r0]
    access ldrbt, 1, 0, ldrbt r1, [r0]
    access ldrd, 8, 0, ldrd r2, [r0]
    access ldm, 8, 0, ldmia r0, {r1, r2}
    access str, 4, 1, str r1, [r0]
    access strb, 1, 1, strb r1, [r0]
    access strh, 2, 1, strh r1, [r0]
    access strt, 4, 1, strt r1, [r0]
    access strbt, 1, 1, strbt r1, [r0]
    access strd, 8, 1, strd r2, [r0]
    access stm, 8, 1, stmia r0, {r1, r2}
    access swp, 4, 1, swp r2, r1, [r0]
    access swpb, 1, 1, swpb r2, r1, [r0]
    thumb_access t_ldr, 4, 0, ldr r1, [r0]
    thumb_access t_ldrb, 1, 0, ldrb r1, [r0]
    thumb_access t_ldrh, 2, 0, ldrh r1, [r0]
    thumb_access t_ldm, 8, 0, ldmia r0!, {r1, r2}
    thumb_access t_str, 4, 1, str r1, [r0]
    thumb_access t_strb, 1, 1, strb r1, [r0]
    thumb_access t_strh, 2, 1, strh r1, [r0]
    thumb_access t_stm, 8, 1, stmia r0!, {r1, r2}
    .section .rodata.accesses, "a"
accesses_end:
    .global access_count
access_count: .word (accesses_end - accesses) / 20

    .section .text_user, "ax"
    .global user_nothing, user_bx
user_nothing:
    svc #1
user_bx:
    bx r0
    .text
    .global kernel_nothing, kernel_bx
kernel_nothing:
    bx lr
kernel_bx:
    bx r0

/* u32 swap(u32 volatile *word, u32 value) */
    .global swap
swap:
#if __ARM_ARCH == 5
    swp r2, r1, [r0]
#else
1:  ldrex r2, [r0]
    strex r3, r1, [r0]
    cmp r3, #0
    bne 1b
#endif
    mov r0, r2
    bx lr
