/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the boot loader to C++. Entered as the ARM Linux boot protocol says: SVC or HYP mode, MMU and data
 * cache off, r2 = the device tree's physical address. Runs at any address until the MMU is on.
 */
#include <asm_offsets.h>
#include <variant.inc>
#include <arch/arm/core/start.inc>

    .syntax unified
    .arm
    .section .text.start, "ax"
    .global _start
_start:
#ifdef HAS_HYP
    b choose_mode
    .global mode_chosen
mode_chosen:                            @ HYP mode or SVC mode; r10 = Entry_mode
#else
    msr cpsr_c, #0xd3
#endif
    mov r9, r2
    adr r4, _start                      @ where the image is ...
    lsr r8, r4, #20
    lsl r8, r8, #20                     @ r8 = the megabyte that is ours
    add r5, r8, #0x10000                @ ... and where it has to be
    ldr r6, =__image_end
    ldr r7, =__image_start
    sub r6, r6, r7
    cmp r4, r5
    beq in_place
    subhi r0, r4, r5
    sublo r0, r5, r4
    cmp r0, r6
1:  blo 1b                              @ it would overwrite itself while it moves: docs/porting.md
    cmp r4, r5
    bhi move_down
1:  subs r6, r6, #4                     @ upwards: from the end
    ldr r0, [r4, r6]
    str r0, [r5, r6]
    bne 1b
    b moved
move_down:
    mov r7, #0
1:  ldr r0, [r4, r7]
    str r0, [r5, r7]
    add r7, r7, #4
    cmp r7, r6
    blo 1b
moved:
    sync_copied_code r0
    adr r0, in_place
    adr r4, _start
    sub r0, r0, r4
    add pc, r5, r0

in_place:
#ifdef HAS_HYP
    mrs r0, cpsr
    and r0, r0, #0x1f
    teq r0, #0x1a
    beq hyp_in_place
#endif
    reset_memory_system
    clear_bss

    ldr r4, =host_l1
    add r4, r4, r7
    ldr r0, =(SECTION_PRIVATE | SECTION_OWN)
    orr r0, r0, r8
    str r0, [r4, r8, lsr #18]           @ where we are, for the next few instructions (own_table.hpp)

    ldr r1, =host_l2 + 3 * 1024         @ the image's pages
    add r1, r1, r7
    ldr r0, =OWN_TABLE
    orr r0, r0, r1
    ldr r2, =(IMAGE >> 18 & 0x3ffc)
    str r0, [r4, r2]
    ldr r3, =image_parts
    add r3, r3, r7
    ldr r2, =IMAGE
1:  ldmia r3!, {r5, r6}                 @ where a part ends, and what its entries are but for the address
2:  cmp r2, r5
    beq 3f
    add r0, r2, r7
    tst r6, #2                          @ a large page's entries are sixteen times the same
    biceq r0, r0, #0xf000
    orr r0, r0, r6
    cmp r6, #0
    moveq r0, #0
    str r0, [r1], #4
    add r2, r2, #0x1000
    b 2b
3:  ldr r0, =(IMAGE + 0x100000)
    cmp r2, r0
    bne 1b

    ldr r1, =in_window
    turn_mmu_on r4, r0, r1

in_window:
    msr cpsr_c, #0xd7                   @ ABT, UND, IRQ: each its scratch
    ldr sp, =scratch
    msr cpsr_c, #0xdb
    ldr sp, =scratch + 24
    msr cpsr_c, #0xd2
    ldr sp, =scratch + 48
    msr cpsr_c, #0xd3
    ldr sp, =hypervisor_stack_end
    prepare_core r0
    construct_objects
    mov r0, r9
    mov r1, r8
#ifdef HAS_HYP
    mov r2, r10
#else
    mov r2, #ENTRY_ONLY_ONE
#endif
    bl on_boot
    b resume
    .ltorg

/*
 * What each part of the image's megabyte is: struct Image_part (own_memory.hpp). Large pages, as far as they
 * go, leave the TLB to the guest.
 */
    .section .rodata.image_parts, "a"
    .balign 4
    .global image_parts
image_parts:
    .word __image_start, 0              @ nothing is there
    .word __code_large_end, LARGE_CODE
    .word __code_end, PAGE_CODE
    .word __constants_end, PAGE_CONSTANTS
    .word __initialized_end, PAGE_DATA  @ of some boards alone
    .word __stack_guard_end, 0          @ who runs off the stack faults
    .word __data_small_end, PAGE_DATA
    .word IMAGE + 0x100000, LARGE_DATA

    .section .tables, "aw", %nobits
    .balign 16384
    .global host_l1
host_l1:
    .space 16384
    .global host_l2
host_l2:                                @ devices, alias page, vectors, the image
    .space 4 * 1024
