// SPDX-License-Identifier: Apache-2.0
// The UART through every form of load and store.
#ifndef FORMS_H
#define FORMS_H
#include "base.h"

typedef u32 form(u32 address, u32 value, u32 *base);
form form_ldr_offset, form_ldr_negative, form_ldr_register, form_ldr_shifted, form_ldr_minus_register,
    form_ldr_pre, form_ldr_post, form_ldr_post_register, form_ldrt_post, form_ldrb_offset, form_ldrb_post,
    form_ldrh_offset, form_ldrh_register, form_ldrh_pre, form_ldrsb_low, form_ldrsb_high, form_ldrsh_0,
    form_ldrd_0, form_ldrd_post, form_str_offset, form_str_pre, form_str_post, form_str_shifted,
    form_strt_post, form_strb_0, form_strb_post, form_strh_0, form_strh_pre, form_strd_0, form_swp_0,
    form_swpb_0, form_ldm_ia, form_ldm_ia_wb, form_ldm_ib, form_ldm_da, form_ldm_db_wb, form_stm_ia_wb,
    form_stm_ib, form_stm_da, form_stm_db_wb, form_ldr_not_taken, form_ldr_taken, form_ldm_four, form_t_ldr,
    form_t_ldr_register, form_t_ldrb, form_t_ldrh, form_t_ldrsb, form_t_ldrsh, form_t_ldm, form_t_str,
    form_t_strb, form_t_strh, form_t_stm;

/* Registers that read as they were written: IBRD 16 bits, FBRD 6 bits, LCR_H 8 bits. */
enum { IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, IFLS = 0x34, ID = 0xfe0, VALUE = 0x8081 };

/// Gives the registers values.
void uart_setup(void);
u32 read_form(form *f, u32 offset);
extern u32 base_of; // what a form has made of its base register
void arm_loads(void);
void arm_stores(void);
void thumb_forms(void);

#endif
