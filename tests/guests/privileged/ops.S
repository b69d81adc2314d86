/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of privileged instruction, as words, and what it may do in USR mode on an ARMv5 core. */
    .syntax unified
    .arm
    .equ IGNORED, 0     @ nothing happens, or flags only
    .equ UNDEFINED, 1
    .equ PREFETCH, 2
    .equ ANY, 3         @ UNPREDICTABLE in USR mode: whatever it does, it stays in USR mode

    .macro privileged may, word
    .section .text_user, "ax"
user_\@:
    .word \word
    svc #1
    .text
kernel_\@:
    .word \word
#if __ARM_ARCH > 5
    setend le                           @ one of the words is SETEND BE
#endif
    bx lr
    .section .rodata.privileged, "a"
    .word kernel_\@, user_\@, \word, \may
    .endm

    .section .rodata.privileged, "a"
    .balign 4
    .global privileged_table
privileged_table:
    privileged IGNORED, 0xe121f000      @ msr cpsr_c, r0 (r0 = 0)
    privileged IGNORED, 0xe321f0d3      @ msr cpsr_c, #0xd3
    privileged IGNORED, 0xe321f0df      @ msr cpsr_c, #0xdf
    privileged IGNORED, 0xe321f0d1      @ msr cpsr_c, #0xd1
    privileged IGNORED, 0xe327f0d3      @ msr cpsr_csx, #0xd3
    privileged IGNORED, 0xe10f2000      @ mrs r2, cpsr
    privileged ANY, 0xe14f2000          @ mrs r2, spsr
    privileged ANY, 0xe161f000          @ msr spsr_c, r0
    privileged ANY, 0xe369f0d3          @ msr spsr_cf, #0xd3
    privileged ANY, 0xf1080080          @ cpsie i
    privileged ANY, 0xf10c0080          @ cpsid i
    privileged ANY, 0xf1020013          @ cps #0x13
    privileged ANY, 0xf8100a00          @ rfeda r0
    privileged ANY, 0xf8b00a00          @ rfeia r0!
    privileged ANY, 0xf8cd0513          @ srsia #0x13
    privileged ANY, 0xf96d0513          @ srsdb #0x13!
    privileged UNDEFINED, 0xee010f10    @ mcr p15, 0, r0, c1, c0, 0, to be undone
    privileged ANY, 0xee0f0f5f          @ mcr p15, 0, r0, c15, c15, 2: some cores have something there
    privileged UNDEFINED, 0xeefc0f10    @ mrc p15, 7, r0, c12, c0, 0
    privileged ANY, 0xee100e10          @ mrc p14, 0, r0, c0, c0, 0: QEMU shows DBGDIDR, the core has none
    privileged UNDEFINED, 0xee000e10    @ mcr p14, 0, r0, c0, c0, 0
    privileged UNDEFINED, 0xee100d10    @ mrc p13
    privileged UNDEFINED, 0xee100c10
    privileged UNDEFINED, 0xee100910
    privileged UNDEFINED, 0xee100810
    privileged UNDEFINED, 0xee100710
    privileged UNDEFINED, 0xee100610
    privileged UNDEFINED, 0xee100510
    privileged UNDEFINED, 0xee100410
    privileged UNDEFINED, 0xee100310
    privileged UNDEFINED, 0xee100210
    privileged UNDEFINED, 0xee100110
    privileged UNDEFINED, 0xee100010
    privileged UNDEFINED, 0xee000f00    @ cdp p15
    privileged UNDEFINED, 0xee000e00    @ cdp p14
    privileged UNDEFINED, 0xee000d00
    privileged UNDEFINED, 0xee000500
    privileged UNDEFINED, 0xee000000    @ cdp p0
    privileged UNDEFINED, 0xed900f00    @ ldc p15, c0, [r0]
    privileged UNDEFINED, 0xed900e00    @ ldc p14
    privileged UNDEFINED, 0xed900700    @ ldc p7
    privileged UNDEFINED, 0xed800f00    @ stc p15
    privileged UNDEFINED, 0xed800e00    @ stc p14
    privileged UNDEFINED, 0xed800700    @ stc p7
    privileged UNDEFINED, 0xec510f00    @ mrrc p15
    privileged UNDEFINED, 0xec410f00    @ mcrr p15
    privileged UNDEFINED, 0xec510e00    @ mrrc p14
    privileged UNDEFINED, 0xfe100f10    @ mrc2 p15
    privileged UNDEFINED, 0xfe000f10    @ mcr2 p15
    privileged UNDEFINED, 0xfc900f00    @ ldc2 p15
    privileged UNDEFINED, 0xfe000f00    @ cdp2 p15
    privileged PREFETCH, 0xe1200070     @ bkpt #0
    privileged PREFETCH, 0xe12fff7f     @ bkpt #0xffff
    privileged ANY, 0xe8d06000          @ ldmia r0, {sp, lr}^
    privileged ANY, 0xe8c06000          @ stmia r0, {sp, lr}^
    privileged UNDEFINED, 0xe7f000f0    @ udf
    privileged UNDEFINED, 0xe7ffffff
    privileged UNDEFINED, 0xe6000010
    privileged UNDEFINED, 0xf7ffffff
    privileged UNDEFINED, 0xff000000    @ the unconditional space: swi nv
    privileged ANY, 0xe320f003          @ wfi (a hint on v6k)
    privileged ANY, 0xe1a00000          @ nop
    privileged ANY, 0xf1010200          @ setend be
    privileged ANY, 0xe1903f9f          @ ldrex
    privileged ANY, 0xf57ff01f          @ clrex
    privileged ANY, 0xf57ff04f          @ dsb
    privileged ANY, 0xe7100010
privileged_end:
    .global privileged_count
privileged_count: .word (privileged_end - privileged_table) / 16

/* Changes of mode by flags or ^: MOVS pc, SUBS pc, LDM with pc. lr = next. */
    .text
    .global kernel_movs_pc, kernel_ldm_pc, kernel_subs_pc
kernel_movs_pc:
    mov r1, lr
    .word 0xe1b0f00e                    @ movs pc, lr
kernel_subs_pc:
    .word 0xe25ef000                    @ subs pc, lr, #0
kernel_ldm_pc:
    push {lr}
    .word 0xe8fd8000                    @ ldmia sp!, {pc}^
    .section .text_user, "ax"
    .global user_movs_pc, user_thumb_svc, user_smc, user_hvc
user_movs_pc:
    adr lr, 1f
    .word 0xe1b0f00e
1:  svc #1
user_smc:
    .word 0xe1600070
    svc #1
user_hvc:
    .word 0xe1400070
    svc #1
    .thumb
    .balign 4
    .global user_thumb_bkpt, user_thumb_undefined
user_thumb_bkpt:
    bkpt #1
    svc #1
user_thumb_undefined:
    .short 0xb662                       @ cpsie i
    svc #1
    .arm
    .balign 4
    .text
    .global kernel_thumb_svc
kernel_thumb_svc:                       @ u32 kernel_thumb_svc(u32 id): a hypercall from Thumb
    push {r4, lr}
    adr r3, 1f + 1
    bx r3
    .thumb
    .balign 4
1:  svc #0
    ldr r3, =2f
    bx r3
    .balign 4
    .ltorg
    .arm
    .balign 4
2:  pop {r4, pc}
