/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loader that opens what a privileged mode can open to USR mode, and goes on to the image behind it.
 * Entered as the hypervisor is; keeps r0 to r2. Runs at any address.
 */
    .syntax unified
    .arm
    .text
    .global _start
_start:
#if __ARM_ARCH > 5
    mrc p15, 0, r3, c1, c0, 2           @ CPACR
    orr r3, r3, #0x00f00000
    mcr p15, 0, r3, c1, c0, 2
    mov r3, #0
    mcr p15, 0, r3, c7, c5, 4           @ ISB
#endif
    mov r3, #1 << 30
    mcr p10, 7, r3, c8, c0, 0           @ FPEXC.EN
    mov r3, #0
    mcr p14, 7, r3, c1, c0, 0           @ JOSCR
    mov r3, #1
    mcr p14, 7, r3, c2, c0, 0           @ JMCR.JE
#if __ARM_ARCH == 7
    mcr p15, 0, r3, c9, c12, 0          @ PMCR.E
    mov r4, #1 << 31
    mcr p15, 0, r4, c9, c12, 1          @ PMCNTENSET
    mcr p15, 0, r3, c9, c14, 0          @ PMUSERENR.EN
    mrc p15, 0, r4, c0, c1, 1           @ ID_PFR1: the generic timer?
    tst r4, #0x000f0000
    ldrne r3, =0x303
    mcrne p15, 0, r3, c14, c1, 0        @ CNTKCTL: PL0PCTEN, PL0VCTEN, PL0VTEN, PL0PTEN
    mrc p15, 0, r4, c0, c1, 0           @ ID_PFR0: ThumbEE?
    tst r4, #0x0000f000
    movne r3, #0
    mcrne p14, 6, r3, c0, c0, 0         @ TEECR.XED
#endif
    b image
    .ltorg
    .balign 4

    .org IMAGE_OFFSET                   @ further than the image is long: it moves itself from here
image:
