/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program for QEMU's virt that knows its address: prints what it was started with, and whether its bss is
 * clear, and ends its machine. Linked to an address by the test, in ARM or Thumb state.
 */
#include "print.inc"

    .text
#ifdef THUMB
    .thumb
    .thumb_func
#endif
    .global _start
_start:
    mov r6, r0
    mov r7, r1
    .balign 4
here:
    ldr r4, =here
    adr r5, here
    ldr r8, =zero
    ldr r8, [r8]
    ldr sp, =stack
    mov r9, r2
    string "started:"
    value r6
    value r7
    mov r2, r9
    value r2
    ldr r0, [r9]                    /* the device tree's first word */
    value r0
    mrs r0, cpsr
    value r0
    sub r0, r5, r4                  /* 0: where it is linked to */
    value r0
    value r8
    string " done\n"
    end_machine
    print_functions

    .bss
    .balign 8
    .space 256
stack:
zero:
    .space 4
