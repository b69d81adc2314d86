/* SPDX-License-Identifier: Apache-2.0 */
/* Guest user: an SVC with whatever is in r0, and MSR of all fields. */
    .syntax unified
    .arm
    .section .text_user, "ax"
    .global user_svc_id, user_msr
user_svc_id:
    svc #0
user_msr:
    orr r0, r0, #0x100
    msr cpsr_fsxc, r0
    mrs r1, cpsr
    svc #1
