/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that abort: r0 = address, r1 = value. */
    .syntax unified
    .arm
    .text
    .global load, load_at, store, load_byte, load_pair, store_many, jump, big_load
load:
load_at:
    ldr r0, [r0]
    bx lr
store:
    str r1, [r0]
    bx lr
load_byte:
    ldrb r0, [r0]
    bx lr
load_pair:
    ldrd r2, r3, [r0]
    bx lr
store_many:
    stmia r0, {r1, r2, r3}
    bx lr
jump:
    push {lr}                           @ where the handler goes on is lr
    blx r0
    pop {pc}
big_load:
    setend be
    ldr r2, [r0]
    setend le
    bx lr

    .thumb
    .thumb_func
    .global thumb_it_load
thumb_it_load:
    movw r3, #0
    movt r3, #0x680f                    @ C, Z, Q, GE
    msr apsr_nzcvqg, r3
    itt eq
    ldreq.w r2, [r0]
    nopeq
    bx lr

    .arm
    .global thumb_user_c15
thumb_user_c15:
    mov r1, r0
    adr r0, in_thumb + 1
    mov r2, #0
    b call_user
    .thumb
    .balign 4
in_thumb:
    mrc p15, 0, r0, c15, c0, 0
    bx lr
