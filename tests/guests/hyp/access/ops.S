/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores that C has not got: r0 = address, r1 = value; what was loaded is in r0 at the end. */
    .syntax unified
    .fpu neon
    .arm
    .text
    .macro op name, instruction:vararg
    .global op_\name
op_\name:
    mov r2, #0
    \instruction
    mov r0, r2
    bx lr
    .endm
    op ldrex, ldrex r2, [r0]
    op ldr, ldr r2, [r0]
    op str, str r1, [r0]
    op ldr_post, ldr r2, [r0], #4
    op ldrh, ldrh r2, [r0]
    op strh, strh r1, [r0]
    op vldr, vldr d0, [r0]
    op vstr, vstr d0, [r0]
    op vld1, vld1.32 {d0}, [r0]
    op vstm, vstmia r0!, {d0-d3}
    op ldrexd, ldrexd r2, r3, [r0]
    .global op_ldm_four, form_ldrh_0, vfp_access_open
op_ldm_four:
    push {r4, r5, lr}
    ldmia r0, {r2-r5}
    pop {r4, r5, pc}
form_ldrh_0:
    ldrh r0, [r0]
    bx lr
vfp_access_open:
    mov r0, #0xf << 20
    mcr p15, 0, r0, c1, c0, 2
    isb
    mov r0, #0x40000000
    vmsr fpexc, r0
    bx lr

    .macro big name, instruction:vararg
    .global big_\name
big_\name:
    mov r2, #0
    setend be
    \instruction
    setend le
    mov r0, r2
    bx lr
    .endm
    big ldr, ldr r2, [r0]
    big ldr_post, ldr r2, [r0], #4
    big ldrh, ldrh r2, [r0]
    big ldm, ldmia r0, {r2, r3}
    big str, str r1, [r0]
    big str_post, str r1, [r0], #4
    big strh, strh r1, [r0]

/* The register holds what the UART's does: by syndrome, and with writeback. r0 = address of IBRD. */
    .global banked_loads, banked_stores
banked_loads:
    push {r4-r12, lr}
    mov r4, #0
    ldr r5, =0x8081
    mov r6, sp
    .irp reg, r8, r9, r10, r11, r12, lr, sp
    mov \reg, r6
    ldr \reg, [r0]
    mov r7, \reg
    mov sp, r6
    cmp r7, r5
    addne r4, r4, #1
    mov r1, r0
    ldr \reg, [r1], #4
    mov r7, \reg
    mov sp, r6
    cmp r7, r5
    addne r4, r4, #1
    .endr
    mov r0, r4
    pop {r4-r12, pc}
    .ltorg

banked_stores:
    push {r4-r12, lr}
    mov r4, #0
    mov r6, sp
    .irp reg, r8, r9, r10, r11, r12, lr, sp
    eor r1, r1, #0xff                   @ an odd number of times in all
    mov \reg, r1
    str \reg, [r0]
    mov sp, r6
    ldr r7, [r0]
    cmp r7, r1
    addne r4, r4, #1
    mov r2, r0
    mov \reg, r1
    str \reg, [r2], #4
    mov sp, r6
    ldr r7, [r0]
    cmp r7, r1
    addne r4, r4, #1
    .endr
    mov r0, r4
    pop {r4-r12, pc}

    .global thumb2_forms
    .thumb
    .thumb_func
thumb2_forms:
    push {r4-r8, lr}
    mov r4, r0
    movw r5, #0x8081
    movs r0, #0
    .macro check
    adds r0, #1
    cmp r2, r5
    bne 9f
    movs r2, #0
    .endm
    ldr.w r2, [r4]
    check                               @ 1
    sub r3, r4, #4
    ldr r2, [r3, #4]!
    check                               @ 2
    mov r3, r4
    ldr r2, [r3], #4
    check                               @ 3
    ldrd r2, r6, [r4]
    check                               @ 4
    ldmia.w r4, {r2, r6}
    check                               @ 5
    ldrh.w r2, [r4]
    check                               @ 6
    mov r3, #2
    sub r1, r4, #8
    ldr.w r2, [r1, r3, lsl #2]
    check                               @ 7
    cmp r4, r4
    itee ne                             @ skipped, done, done
    movne r2, #1
    ldreq r2, [r4]
    ldreq r6, [r4]
    check                               @ 8
    cmp r4, r4
    ittt eq
    ldreq r6, [r4]
    ldrdeq r2, r6, [r4]
    moveq r7, #7
    check                               @ 9
    adds r0, #1
    cmp r7, #7                          @ 10: the block goes on behind a decoded one
    bne 9f
    movw r1, #0x4321
    mov r3, r4
    str r1, [r3], #4
    ldr.w r2, [r4]
    movw r5, #0x4321
    check                               @ 11
    movw r1, #0x1234
    str.w r1, [r4]
    movs r0, #0
9:  pop {r4-r8, pc}
