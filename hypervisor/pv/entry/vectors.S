/* SPDX-License-Identifier: Apache-2.0 */
/* Where the core goes at a trap, and the stacks that it finds there. */
#include <pv/entry/entry.inc>

/* The exception vectors: mapped at address 0 for the privileged modes only, or where VBAR points. */
    .section .vectors, "ax"
    .global vectors_start
vectors_start:
    ldr pc, .Lreset
    ldr pc, .Lundefined
    ldr pc, [sp, #CONTEXT_SVC_HANDLER]  @ guest user's is a system call, the guest kernel's a hypercall
    ldr pc, .Lprefetch_abort
    ldr pc, .Ldata_abort
    ldr pc, .Lreset
    ldr pc, .Lirq
    ldr pc, .Lreset
.Lreset: .word trap_unexpected
.Lundefined: .word trap_undefined
.Lprefetch_abort: .word trap_prefetch_abort
.Ldata_abort: .word trap_data_abort
.Lirq: .word trap_irq

    .section .bss.stack, "aw", %nobits  @ behind its guard page
    .balign 8
    .global hypervisor_stack_end
    .space 8192
hypervisor_stack_end:
    .global scratch
scratch:
    .space 3 * 24
    .global asynchronous_abort
asynchronous_abort:
    .space 4
