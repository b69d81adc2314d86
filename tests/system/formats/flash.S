/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware: looks at its flash, the device tree and RAM, stores to flash, jumps to where it is erased, and
 * says what it has met. Linked to 0.
 */
#include "print.inc"

#define RAM 0x40000000

    .text
    .global _start
_start:
    b start
    b .
    b .
    b prefetch_abort
    b data_abort
    b .
    b .
    b .

start:
    ldr sp, =RAM + 0x100000
    string "flash:"
    mov r4, #0
    ldr r0, [r4]                    /* the first instruction */
    value r0
    ldr r0, =end_of_file
    ldr r0, [r0]                    /* behind the file, in the same 2 MB */
    value r0
    ldr r0, =0x03fffffc             /* the first bank's end */
    ldr r0, [r0]
    value r0
    ldr r4, =0x04000000             /* the second bank */
    ldm r4, {r0, r1}
    value r1
    ldr r0, =0x07fffffc
    ldrb r0, [r0]
    value r0
    ldr r4, =RAM                    /* the device tree */
    ldr r0, [r4]
    value r0
    str r4, [r4]                    /* which is RAM */
    ldr r0, [r4]
    value r0
    string " store:"
    mov r5, #0
    mov r4, #0
    str r5, [r4]
    ldr r0, [r4]
    value r0
    ldr r4, =0x04000000
    str r5, [r4]
    ldr r0, [r4]
    value r0
    string " fetch:"
    ldr r4, =0x04000000
    adr r5, fetched
    bx r4
fetched:
    string " done\n"
    end_machine

    .macro tell_abort status, address
    ldr sp, =RAM + 0x80000
    string " abort"
    mrc p15, 0, r0, c5, c0, \status
    value r0
    mrc p15, 0, r0, c6, c0, \address
    value r0
    .endm

data_abort:
    tell_abort 0, 0                 @ DFSR, DFAR
    subs pc, lr, #4                 @ behind the store

prefetch_abort:
    tell_abort 1, 2                 @ IFSR, IFAR
    mov lr, r5
    movs pc, lr

    print_functions
    .balign 4
end_of_file:
