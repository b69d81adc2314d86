/* SPDX-License-Identifier: Apache-2.0 */
/* From start.S to C++ in HYP mode, with translation of HYP mode's own and no other. */
#include <asm_offsets.h>
#include <variant.inc>
#include <arch/arm/core/start.inc>

/* DDI 0406C B4.1.72: bits that are one; alignment check off, little-endian, ARM traps. */
#define HSCTLR_OFF 0x30c50838
#define HSCTLR_ON (HSCTLR_OFF | 0x1005) /* I, C, M; WXN comes with the pages' rights: map_hyp() */

    .syntax unified
    .arm
    .section .text.hyp_start, "ax"
/* In: r8 = the megabyte that is ours, physical; r9 = the device tree; r10 = Entry_mode. */
    .global hyp_in_place
hyp_in_place:
    ldr r0, =HSCTLR_OFF
    mcr p15, 4, r0, c1, c0, 0
    isb
    join_coherency
    invalidate_caches
    clear_bss

    ldr r1, =hyp_first_level
    add r1, r1, r7
    ldr r2, =hyp_tables
    add r2, r2, r7                      @ r2: the last gigabyte's, r2 + 4 KB: the image's
    mov r3, #0
    lsr r4, r8, #30                     @ where we are, for the next few instructions
    ldr r0, =HYP_BLOCK
    orr r0, r0, r4, lsl #30
    add r4, r1, r4, lsl #3
    stmia r4, {r0, r3}
    orr r0, r2, #HYP_TABLE
    add r4, r1, #3 * 8
    stmia r4, {r0, r3}
    add r5, r2, #0x1000
    orr r0, r5, #HYP_TABLE
    ldr r4, =(IMAGE >> 21 & 0x1ff) * 8
    add r4, r4, r2
    stmia r4, {r0, r3}
    ldr r0, =HYP_PAGE
    orr r0, r0, r8
    add r4, r5, #(IMAGE >> 12 & 0x1ff) * 8
    add r5, r4, #256 * 8
1:  stmia r4!, {r0, r3}
    add r0, r0, #0x1000
    cmp r4, r5
    blo 1b

    ldr r0, =HYP_HMAIR0
    mcr p15, 4, r0, c10, c2, 0
    ldr r0, =HYP_HTCR
    mcr p15, 4, r0, c2, c0, 2
    mcrr p15, 4, r1, r3, c2             @ HTTBR
    dsb
    mcr p15, 4, r3, c8, c7, 0           @ TLBIALLH
    dsb
    isb
    ldr r0, =HSCTLR_ON
    ldr r1, =1f
    mcr p15, 4, r0, c1, c0, 0
    isb
    mov pc, r1
1:  ldr r0, =hyp_vectors                @ in the window
    mcr p15, 4, r0, c12, c0, 0          @ HVBAR
    isb
    ldr sp, =hypervisor_stack_end
    construct_objects
    mov r0, r9
    mov r1, r8
    mov r2, r10
    bl on_hyp_boot
    b hyp_resume
    .ltorg
