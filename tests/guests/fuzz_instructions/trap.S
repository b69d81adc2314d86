/* SPDX-License-Identifier: Apache-2.0 */
/* The fuzzer's entry points. Whatever the fuzzed code has done, they find a stack that is theirs. */
#include <vambrace/abi.h>

    .syntax unified
    .arm
    .text

/* In: sp = the frame. */
    .macro vector name, kind
    .global fuzz_\name
fuzz_\name:
    mov r1, sp
    mov r0, #\kind
    ldr sp, =fuzz_stack_end
    bl fuzz_trap
    .endm

    vector svc_user, 1
    vector undefined_user, 2
    vector prefetch_user, 3
    vector data_user, 4
    vector irq_user, 5
    vector undefined_kernel, 6
    vector prefetch_kernel, 7
    vector data_kernel, 8
    vector irq_kernel, 9
    vector double_fault, 10

/* void fuzz_return(u32 frame): goes on with the frame there; back in fuzz_refused() if that is refused. */
    .global fuzz_return
fuzz_return:
    mov sp, r0
    ldr r0, =VAMBRACE_FUNCTION_BASE
    svc #0
    ldr sp, =fuzz_stack_end
    bl fuzz_refused
    .ltorg

/* void fuzz_set_fpexc(u32 value): not called on ARMv5. */
    .global fuzz_set_fpexc
fuzz_set_fpexc:
    mcr p10, 7, r0, c8, c0, 0
    bx lr

    .bss
    .balign 8
    .space 8192
    .global fuzz_stack_end
fuzz_stack_end:
