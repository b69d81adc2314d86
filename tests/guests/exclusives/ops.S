/* SPDX-License-Identifier: Apache-2.0 */
/* Exclusive pairs: r0 = address, r1 = value; STREX's answer goes to r4. */
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

/* The word's two halves, for a double word, are stored alike. */
    .macro exclusive suffix, size
    .section .rodata.names, "a"
name_\suffix: .asciz "strex\suffix"
    .section .text_user, "ax"
pair_\suffix:
    mov r2, r1
    mov r3, r1
    load_\suffix
    mov r4, #9
    store_\suffix
    svc #1
across_\suffix:
    mov r2, r1
    mov r3, r1
    load_\suffix
    svc #2
    mov r4, #9
    store_\suffix
    svc #1
loop_\suffix:
    load_\suffix
    add r2, r6, #1
    mov r3, #0
    store_\suffix
    cmp r4, #0
    bne loop_\suffix
    svc #1
    .section .rodata.exclusives, "a"
    .word name_\suffix, pair_\suffix, across_\suffix, loop_\suffix, \size
    .endm

    .macro load_w
    ldrex r6, [r0]
    .endm
    .macro store_w
    strex r4, r2, [r0]
    .endm
    .macro load_b
    ldrexb r6, [r0]
    .endm
    .macro store_b
    strexb r4, r2, [r0]
    .endm
    .macro load_h
    ldrexh r6, [r0]
    .endm
    .macro store_h
    strexh r4, r2, [r0]
    .endm
    .macro load_d
    ldrexd r6, r7, [r0]
    .endm
    .macro store_d
    strexd r4, r2, r3, [r0]
    .endm

    .section .rodata.exclusives, "a"
    .balign 4
    .global exclusives, exclusive_count
exclusives:
    exclusive w, 4
    exclusive b, 1
    exclusive h, 2
    exclusive d, 8
exclusives_end:
exclusive_count: .word (exclusives_end - exclusives) / 20

    user clrex
    ldrex r6, [r0]
    clrex
    strex r4, r1, [r0]
    svc #1
    user load_only
    ldrex r6, [r0]
    svc #1
    user store_only
    strex r4, r1, [r0]
    svc #1
    user undefined_between
    ldrex r6, [r0]
    udf #0
    strex r4, r1, [r0]
    svc #1
    user fault_between                  @ r5 = where the fault is
    .global user_fault_between_at
    ldrex r6, [r0]
user_fault_between_at:
    ldr r7, [r5]
    strex r4, r1, [r0]
    svc #1
    user count                          @ r1 rounds
1:  ldrex r2, [r0]
    add r2, r2, #1
    strex r4, r2, [r0]
    cmp r4, #0
    bne 1b
    subs r1, r1, #1
    bne 1b
    svc #1

    .text
    .arm
    .balign 4
    .global kernel_exclusive_add, kernel_load_exclusive, kernel_store_exclusive, kernel_around_trap
    .global kernel_around_call
kernel_exclusive_add:
1:  ldrex r2, [r0]
    add r2, r2, #1
    strex r3, r2, [r0]
    cmp r3, #0
    bne 1b
    bx lr
kernel_load_exclusive:
    ldrex r0, [r0]
    bx lr
kernel_around_trap:                     @ r0 = address, r1 = value: STREX's answer
    ldrex r2, [r0]
    udf #0
    strex r2, r1, [r0]
    mov r0, r2
    bx lr
kernel_around_call:                     @ the same with a hypercall, its identifier in r2
    push {r4, r5, r6, lr}
    mov r4, r0
    mov r5, r1
    ldrex r3, [r4]
    mov r0, r2
    mov r1, #0
    svc #0
    mov r0, #9
    strex r0, r5, [r4]
    pop {r4, r5, r6, pc}
