/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of every form on a device register: r0 = address, r1 = value or where results go. */
    .syntax unified
    .arm
    .text
/* u32 form_<name>(u32 address, u32 value, u32 *base): the loaded value, or 0; *base = r0 afterwards. */
    .macro form name, instruction:vararg
    .global form_\name
form_\name:
    push {r4-r11, lr}
    mov r11, r2
    mov r2, #0
    mov r3, #0
    mov r4, #4
    mov r5, #5
    \instruction
    str r0, [r11]
    mov r0, r2
    pop {r4-r11, pc}
    .endm

    form ldr_offset, ldr r2, [r0, #4]
    form ldr_negative, ldr r2, [r0, #-4]
    form ldr_register, ldr r2, [r0, r4]
    form ldr_shifted, ldr r2, [r0, r4, lsl #1]
    form ldr_minus_register, ldr r2, [r0, -r4]
    form ldr_pre, ldr r2, [r0, #4]!
    form ldr_post, ldr r2, [r0], #4
    form ldr_post_register, ldr r2, [r0], r4
    form ldrt_post, ldrt r2, [r0], #4
    form ldrb_offset, ldrb r2, [r0, #1]
    form ldrb_post, ldrb r2, [r0], #1
    form ldrh_offset, ldrh r2, [r0, #0]
    form ldrh_register, ldrh r2, [r0, r4]
    form ldrh_pre, ldrh r2, [r0, #4]!
    form ldrsb_low, ldrsb r2, [r0]
    form ldrsb_high, ldrsb r2, [r0, #1]
    form ldrsh_0, ldrsh r2, [r0]
    form ldrd_0, ldrd r2, [r0]
    form ldrd_post, ldrd r2, [r0], #8
    form str_offset, str r1, [r0, #4]
    form str_pre, str r1, [r0, #4]!
    form str_post, str r1, [r0], #-4
    form str_shifted, str r1, [r0, r4, lsl #1]
    form strt_post, strt r1, [r0], #4
    form strb_0, strb r1, [r0]
    form strb_post, strb r1, [r0], #1
    form strh_0, strh r1, [r0]
    form strh_pre, strh r1, [r0, #4]!
    form strd_0, strd r4, [r0]
    form swp_0, swp r2, r1, [r0]
    form swpb_0, swpb r2, r1, [r0]
    form ldm_ia, ldmia r0, {r2, r3}
    form ldm_ia_wb, ldmia r0!, {r2, r3}
    form ldm_ib, ldmib r0, {r2, r3}
    form ldm_da, ldmda r0, {r2, r3}
    form ldm_db_wb, ldmdb r0!, {r2, r3}
    form stm_ia_wb, stmia r0!, {r4, r5}
    form stm_ib, stmib r0, {r4, r5}
    form stm_da, stmda r0, {r4, r5}
    form stm_db_wb, stmdb r0!, {r4, r5}
    .global form_ldr_not_taken, form_ldr_taken, form_ldm_four
form_ldr_not_taken:
    push {r4-r11, lr}
    mov r11, r2
    mov r2, #0x77
    cmp r0, r0
    ldrne r2, [r0]
    str r0, [r11]
    mov r0, r2
    pop {r4-r11, pc}
form_ldr_taken:
    push {r4-r11, lr}
    mov r11, r2
    mov r2, #0x77
    cmp r0, r0
    ldreq r2, [r0]
    str r0, [r11]
    mov r0, r2
    pop {r4-r11, pc}
form_ldm_four:                          @ the identification's four bytes, as one word
    push {r4-r11, lr}
    mov r11, r2
    ldmia r0, {r4-r7}
    orr r2, r4, r5, lsl #8
    orr r2, r2, r6, lsl #16
    orr r2, r2, r7, lsl #24
    str r0, [r11]
    mov r0, r2
    pop {r4-r11, pc}

/* Thumb forms. */
    .macro thumb_form name, instruction:vararg
    .global form_t_\name
form_t_\name:
    push {r4-r11, lr}
    mov r11, r2
    mov r2, #0
    mov r4, #4
    mov r5, #5
    adr r3, 1f + 1
    bx r3
    .thumb
    .balign 4
1:  \instruction
    ldr r3, =2f
    bx r3
    .balign 4
    .ltorg
    .arm
    .balign 4
2:  str r0, [r11]
    mov r0, r2
    pop {r4-r11, pc}
    .endm
    thumb_form ldr, ldr r2, [r0, #4]
    thumb_form ldr_register, ldr r2, [r0, r4]
    thumb_form ldrb, ldrb r2, [r0, #1]
    thumb_form ldrh, ldrh r2, [r0, #0]
    thumb_form ldrsb, ldrsb r2, [r0, r4]
    thumb_form ldrsh, ldrsh r2, [r0, r4]
    thumb_form ldm, ldmia r0!, {r2, r3}
    thumb_form str, str r1, [r0, #4]
    thumb_form strb, strb r1, [r0, #0]
    thumb_form strh, strh r1, [r0, #0]
    thumb_form stm, stmia r0!, {r4, r5}
