/* SPDX-License-Identifier: Apache-2.0 */
/* Traps in the hypervisor itself. */
#include <pv/entry/entry.inc>

    .section .text.hot, "ax"
/*
 * A trap in the hypervisor itself: an instruction that has a fixup, or a mistake of ours, which goes to
 * `fatal`. In: the trap's mode, lr = where, sp = its scratch with r0, lr and spsr in it.
 */
    .macro own_fixup name, fatal, abort=0
    .global \name
\name:
    add r0, sp, #12
    stmia r0, {r1-r3}
    .if \abort
    if_asynchronous r0, r1, .Lasynchronous_\name
    .endif
    ldr r0, =__fixups_start
    ldr r1, =__fixups_end
1:  cmp r0, r1
    beq \fatal
    ldmia r0!, {r2, r3}
    cmp r2, lr
    bne 1b
    str r3, [sp, #4]
2:  add r0, sp, #12
    ldmia r0, {r1-r3}
    ldmia sp, {r0, lr}
    movs pc, lr
    .if \abort
.Lasynchronous_\name:                   @ r0 = its status: whoever runs has to answer for it
    ldr r1, =asynchronous_abort
    str r0, [r1]
    b 2b
    .endif
    .endm

/* An access to guest memory; or an external abort that comes when it pleases. */
    own_fixup own_data_abort, own_trap_data_abort, abort=1
/* Is there a VFP? */
    .global own_undefined
own_undefined:
    sub lr, lr, #4
    own_fixup own_undefined_at, own_trap_undefined

    .global trap_unexpected
trap_unexpected:
    ldr sp, =scratch
    b own_trap_undefined
    .ltorg
