/* SPDX-License-Identifier: Apache-2.0 */
/* Loops of hints. */
    .syntax unified
    .arch armv6k
    .arm
    .section .text_user, "ax"
    .global user_wait_forever
user_wait_forever:                      @ r0: how often
    wfi
    wfe
    subs r0, r0, #1
    bne user_wait_forever
    svc #1
    .text
    .global wait_forever
wait_forever:
    wfi
    wfe
    b wait_forever
