/* SPDX-License-Identifier: Apache-2.0 */
/* Guest user: what may trap on the way, then an SVC with a hypercall's identifier, twice. */
    .syntax unified
    .arm
    .section .text_user, "ax"
    .global user_two_calls
user_two_calls:                         @ r0 = identifier, r1 = an address, r2 = rounds to wait
    ldr r3, [r1]
1:  subs r2, r2, #1
    bhi 1b
    svc #0
    svc #0
