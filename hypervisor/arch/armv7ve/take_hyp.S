/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mode the hypervisor runs in. A loader that left the core in HYP mode has decided; one that left it in
 * Secure state has not, and HYP mode is taken here by way of Monitor mode; else it is SVC mode. Runs at any
 * address that is a multiple of 32, as start.S before the MMU is on.
 */
#include <asm_offsets.h>
#include <variant.inc>

    .syntax unified
    .arm
    .section .text.take_hyp, "ax"
/* In: r2 = the device tree. Out: r10 = Entry_mode. Clobbers r0, r1, r3-r7, lr. */
    .global choose_mode
choose_mode:
    mrs r0, cpsr
    and r0, r0, #0x1f
    mov r10, #ENTRY_HYP
    teq r0, #0x1a
    beq mode_chosen
    msr cpsr_c, #0xd3
    mrc p15, 0, r0, c0, c1, 1           @ ID_PFR1: virtualization extensions, bits 15:12
    mov r10, #ENTRY_NO_EXTENSIONS
    tst r0, #0xf000
    beq mode_chosen
    mrc p15, 0, r0, c1, c0, 0
    bic r0, r0, #1 << 13                @ SCTLR.V: the vectors are where VBAR says
    mcr p15, 0, r0, c1, c0, 0
    adr r0, probe_vectors
    mcr p15, 0, r0, c12, c0, 0
    isb
    mrc p15, 0, r1, c1, c1, 0           @ SCR: undefined in Non-secure state (DDI 0406C B4.1.129)
    adr r0, probe_vectors
    mcr p15, 0, r0, c12, c0, 1          @ MVBAR
    isb
    smc #0
not_secure:                             @ UND mode
    mov r10, #ENTRY_NON_SECURE_SVC
    msr cpsr_c, #0xd3
    b mode_chosen

    .balign 32
probe_vectors:
    b .
    b not_secure
    b in_monitor
    .rept 5
    b .
    .endr

/*
 * Monitor mode, SCR.NS = 0. What Non-secure state may use is given to it: all interrupts (GICD_IGROUPR,
 * GICC_PMR of the Secure view), VFP and NEON, ACTLR.SMP. The GIC is where the core's own peripherals are:
 * CBAR, then 0x1000 and 0x2000 (DDI 0438I, Cortex-A15).
 */
in_monitor:
    mov r10, #ENTRY_HYP_BY_SECURE_SVC
    mov r7, r2
    join_coherency                      @ clobbers r0-r3
    mov r2, r7
    mrc p15, 4, r0, c15, c0, 0          @ CBAR
    lsr r0, r0, #15
    lsl r0, r0, #15
    add r1, r0, #0x1000
    add r3, r0, #0x2000
    ldr r4, [r1, #4]                    @ GICD_TYPER.ITLinesNumber
    and r4, r4, #0x1f
    add r5, r1, #0x80                   @ GICD_IGROUPR0
    mvn r6, #0
1:  str r6, [r5], #4
    subs r4, r4, #1
    bhs 1b
    mov r6, #0xff
    str r6, [r3, #4]                    @ GICC_PMR
    mrc p15, 0, r0, c1, c1, 2           @ NSACR: cp10, cp11, NS_SMP; no disabling of NEON or d16-d31
    orr r0, r0, #0xc00
    orr r0, r0, #1 << 18
    bic r0, r0, #0xc000
    mcr p15, 0, r0, c1, c1, 2
    mrc p15, 0, r0, c1, c1, 0
    orr r0, r0, #0x130                  @ SCR.HCE, AW, FW
    orr r0, r0, #1                      @ NS: takes effect with the exception return, before it here
    mcr p15, 0, r0, c1, c1, 0
    isb
    mov r0, #0
    mcrr p15, 4, r0, r0, c14            @ CNTVOFF, UNKNOWN at reset
    mov r0, #0x1da                      @ HYP mode; A, I and F masked
    msr spsr_cxsf, r0
    ldr r0, .Lto_mode_chosen
    adr lr, .Lto_mode_chosen
    add lr, lr, r0
    movs pc, lr
.Lto_mode_chosen:
    .word mode_chosen - .Lto_mode_chosen
