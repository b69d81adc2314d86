/* SPDX-License-Identifier: Apache-2.0 */
/* Guest user that counts for a while: r0 = how far; leaves the count in r1. */
    .syntax unified
    .arm
    .section .text_user, "ax"
    .global user_countdown
user_countdown:
    mov r1, #0
1:  add r1, r1, #1
    subs r0, r0, #1
    bne 1b
    svc #1
