// SPDX-License-Identifier: Apache-2.0
// Each form of load and store on the UART: what it reads or writes, and what becomes of its base register.
#include "forms.h"

u32 base_of;
u32 read_form(form *f, u32 offset) { return f(VAMBRACE_PL011_IPA + offset, 0, &base_of); }

void uart_setup(void)
{
    *uart(IBRD) = VALUE;
    *uart(FBRD) = 0x15;
    *uart(LCR_H) = 0x66;
}

static void check_load(form *f, u32 offset, u32 expected, int moved, char const *what)
{
    uart_setup();
    equal(read_form(f, offset), expected, what);
    equal(base_of, VAMBRACE_PL011_IPA + offset + (u32)moved, what);
}

void arm_loads(void)
{
    check_load(form_ldr_offset, IBRD - 4, VALUE, 0, "ldr [r0, #4]");
    check_load(form_ldr_negative, IBRD + 4, VALUE, 0, "ldr [r0, #-4]");
    check_load(form_ldr_register, IBRD - 4, VALUE, 0, "ldr [r0, r4]");
    check_load(form_ldr_shifted, IBRD - 8, VALUE, 0, "ldr [r0, r4, lsl #1]");
    check_load(form_ldr_minus_register, IBRD + 4, VALUE, 0, "ldr [r0, -r4]");
    check_load(form_ldr_pre, IBRD - 4, VALUE, 4, "ldr [r0, #4]!");
    check_load(form_ldr_post, IBRD, VALUE, 4, "ldr [r0], #4");
    check_load(form_ldr_post_register, IBRD, VALUE, 4, "ldr [r0], r4");
    check_load(form_ldrt_post, IBRD, VALUE, 4, "ldrt [r0], #4");
    check_load(form_ldrb_offset, IBRD, VALUE >> 8, 0, "ldrb [r0, #1]");
    check_load(form_ldrb_post, IBRD, VALUE & 0xff, 1, "ldrb [r0], #1");
    check_load(form_ldrh_offset, IBRD, VALUE, 0, "ldrh [r0]");
    check_load(form_ldrh_register, IBRD - 4, VALUE, 0, "ldrh [r0, r4]");
    check_load(form_ldrh_pre, IBRD - 4, VALUE, 4, "ldrh [r0, #4]!");
    check_load(form_ldrsb_low, IBRD, 0xffffff81, 0, "ldrsb [r0]");
    check_load(form_ldrsb_high, IBRD, 0xffffff80, 0, "ldrsb [r0, #1]");
    check_load(form_ldrsh_0, IBRD, 0xffff8081, 0, "ldrsh [r0]");
    check_load(form_ldrd_0, FBRD, 0x15, 0, "ldrd [r0]");
    check_load(form_ldrd_post, FBRD, 0x15, 8, "ldrd [r0], #8");
    check_load(form_ldm_ia, IBRD, VALUE, 0, "ldmia r0");
    check_load(form_ldm_ia_wb, IBRD, VALUE, 8, "ldmia r0!");
    check_load(form_ldm_ib, IBRD - 4, VALUE, 0, "ldmib r0");
    check_load(form_ldm_da, IBRD + 4, VALUE, 0, "ldmda r0");
    check_load(form_ldm_db_wb, IBRD + 8, VALUE, -8, "ldmdb r0!");
    check_load(form_ldr_taken, IBRD, VALUE, 0, "ldreq");
    check_load(form_ldr_not_taken, IBRD, 0x77, 0, "ldrne, not taken");
    check_load(form_ldm_four, ID, 0x00341011, 0, "ldmia of the identification");
}

static void check_store(form *f, u32 offset, u32 value, u32 at, u32 expected, int moved, char const *what)
{
    uart_setup();
    (void)f(VAMBRACE_PL011_IPA + offset, value, &base_of);
    equal(*uart(at), expected, what);
    equal(base_of, VAMBRACE_PL011_IPA + offset + (u32)moved, what);
}

void arm_stores(void)
{
    check_store(form_str_offset, IBRD - 4, 0x1234, IBRD, 0x1234, 0, "str [r0, #4]");
    check_store(form_str_pre, IBRD - 4, 0x1234, IBRD, 0x1234, 4, "str [r0, #4]!");
    check_store(form_str_post, IBRD, 0x1234, IBRD, 0x1234, -4, "str [r0], #-4");
    check_store(form_str_shifted, IBRD - 8, 0x1234, IBRD, 0x1234, 0, "str [r0, r4, lsl #1]");
    check_store(form_strt_post, IBRD, 0x1234, IBRD, 0x1234, 4, "strt [r0], #4");
    check_store(form_strb_0, LCR_H, 0xaabb0062, LCR_H, 0x62, 0, "strb [r0]");
    check_store(form_strb_post, LCR_H, 0x62, LCR_H, 0x62, 1, "strb [r0], #1");
    check_store(form_strh_0, IBRD, 0xaabb4321, IBRD, 0x4321, 0, "strh [r0]");
    check_store(form_strh_pre, IBRD - 4, 0x4321, IBRD, 0x4321, 4, "strh [r0, #4]!");
    check_store(form_strd_0, FBRD, 0, FBRD, 4, 0, "strd [r0]");
    check_store(form_strd_0, FBRD, 0, LCR_H, 5, 0, "strd [r0], second word");
    check_store(form_swp_0, IBRD, 0x2468, IBRD, 0x2468, 0, "swp");
    check_store(form_swpb_0, LCR_H, 0x61, LCR_H, 0x61, 0, "swpb");
    check_store(form_stm_ia_wb, IBRD, 0, IBRD, 4, 8, "stmia r0!");
    check_store(form_stm_ia_wb, IBRD, 0, FBRD, 5, 8, "stmia r0!, second word");
    check_store(form_stm_ib, IBRD - 4, 0, FBRD, 5, 0, "stmib r0");
    check_store(form_stm_da, FBRD, 0, IBRD, 4, 0, "stmda r0");
    check_store(form_stm_db_wb, LCR_H, 0, FBRD, 5, -8, "stmdb r0!");
    uart_setup();
    equal(form_swp_0(VAMBRACE_PL011_IPA + IBRD, 1, &base_of), VALUE, "what swp loads");
    uart_setup();
    equal(form_swpb_0(VAMBRACE_PL011_IPA + LCR_H, 1, &base_of), 0x66, "what swpb loads");
}

void thumb_forms(void)
{
    check_load(form_t_ldr, IBRD - 4, VALUE, 0, "Thumb ldr");
    check_load(form_t_ldr_register, IBRD - 4, VALUE, 0, "Thumb ldr [r0, r4]");
    check_load(form_t_ldrb, IBRD, VALUE >> 8, 0, "Thumb ldrb");
    check_load(form_t_ldrh, IBRD, VALUE, 0, "Thumb ldrh");
    check_load(form_t_ldrsb, IBRD - 4, 0xffffff81, 0, "Thumb ldrsb");
    check_load(form_t_ldrsh, IBRD - 4, 0xffff8081, 0, "Thumb ldrsh");
    check_load(form_t_ldm, IBRD, VALUE, 8, "Thumb ldmia");
    check_store(form_t_str, IBRD - 4, 0x1234, IBRD, 0x1234, 0, "Thumb str");
    check_store(form_t_strb, LCR_H, 0x61, LCR_H, 0x61, 0, "Thumb strb");
    check_store(form_t_strh, IBRD, 0x4321, IBRD, 0x4321, 0, "Thumb strh");
    check_store(form_t_stm, IBRD, 0, FBRD, 5, 8, "Thumb stmia");
}
