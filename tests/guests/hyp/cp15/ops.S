/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to registers, some of which are not the guest's. */
    .syntax unified
    .arch_extension virt
    .arm
    .text
    .macro op name, instruction:vararg
    .global \name
\name:
    \instruction
    bx lr
    .endm
    op read_hcr, mrc p15, 4, r0, c1, c1, 0
    op write_hcr, mcr p15, 4, r0, c1, c1, 0
    op read_vttbr, mrrc p15, 6, r0, r1, c2
    op read_vpidr, mrc p15, 4, r0, c0, c0, 0
    op read_scr, mrc p15, 0, r0, c1, c1, 0
    op write_mvbar, mcr p15, 0, r0, c12, c0, 1
    op write_cntvoff, mcrr p15, 4, r0, r1, c14
    op tlbi_all_guests, mcr p15, 4, r0, c8, c7, 4

    .global mode_by_msr, mode_by_return, by_bxj, flags_of_pmcr
    .global read_teecr, read_teehbr, write_teehbr
    .global write_cp14, read_cp14, write_banked, read_banked
mode_by_msr:
    mrs r1, cpsr
    bic r2, r1, #0x1f
    orr r2, r2, r0
    mov r3, lr
    msr cpsr_c, r2
    mrs r0, cpsr
    msr cpsr_c, r1
    and r0, r0, #0x1f
    bx r3
mode_by_return:
    mrs r1, cpsr
    bic r2, r1, #0x1f
    orr r2, r2, r0
    mov r3, lr
    msr spsr_cxsf, r2
    adr lr, 1f
    movs pc, lr
1:  mrs r0, cpsr
    msr cpsr_c, r1
    and r0, r0, #0x1f
    bx r3

by_bxj:
    adr r2, 1f + 1
    bxj r2
    .thumb
    .balign 4
1:  adds r0, r0, r1
    bx lr
    .arm
    .balign 4

flags_of_pmcr:
    msr apsr_nzcvq, r0
    mrc p15, 0, apsr_nzcv, c9, c12, 0
    mrs r0, cpsr
    bx lr

read_teecr:
    mrc p14, 6, r0, c0, c0, 0
    bx lr
read_teehbr:
    mrc p14, 6, r0, c1, c0, 0
    bx lr
write_teehbr:
    mcr p14, 6, r0, c1, c0, 0
    bx lr

    .macro cp14 operation
    \operation 0, c0, c2, 2             @ DBGDSCRext
    \operation 0, c0, c7, 0             @ DBGVCR
    \operation 0, c0, c0, 4             @ DBGBVR0
    \operation 0, c0, c0, 5             @ DBGBCR0
    \operation 0, c0, c0, 6             @ DBGWVR0
    \operation 0, c0, c0, 7             @ DBGWCR0
    \operation 0, c1, c3, 4             @ DBGOSDLR
    \operation 7, c1, c0, 0             @ JOSCR
    \operation 7, c2, c0, 0             @ JMCR
    .endm
    .macro write opc1, crn, crm, opc2
    mcr p14, \opc1, r1, \crn, \crm, \opc2
    .endm
    .macro read opc1, crn, crm, opc2
    mrc p14, \opc1, r1, \crn, \crm, \opc2
    orr r0, r0, r1
    .endm
write_cp14:
    mvn r1, #0
    cp14 write
    bx lr
read_cp14:
    mov r0, #0
    cp14 read
    read 0, c0, c0, 0                   @ DBGDIDR
    read 0, c1, c0, 0                   @ DBGDRAR
    read 0, c2, c0, 0                   @ DBGDSAR
    read 7, c0, c0, 0                   @ JIDR
    mrrc p14, 0, r1, r2, c1             @ DBGDRAR
    orr r0, r0, r1
    orr r0, r0, r2
    bx lr

write_banked:
    msr sp_fiq, r0
    msr lr_und, r0
    msr lr_fiq, r0
    msr r9_fiq, r0
    bx lr
read_banked:
    mrs r0, sp_fiq
    mrs r1, lr_und
    and r0, r0, r1
    mrs r1, lr_fiq
    and r0, r0, r1
    mrs r1, r9_fiq
    and r0, r0, r1
    bx lr
