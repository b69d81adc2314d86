// SPDX-License-Identifier: Apache-2.0
// The instructions of ops.S.
#ifndef ACCESS_H
#define ACCESS_H
#include "hyp.h"

enum { SCTLR_SW = 1 << 10 };

/// How many of sp, lr and r8 to r12 were not loaded or stored as the mode's own.
u32 banked_loads(u32 address), banked_stores(u32 address, u32 value);
/// 0, or which form has read something else than 0x8081.
u32 thumb2_forms(u32 address);
u32 form_ldrh_0(u32 address);
void vfp_access_open(void);
access_fn big_ldr, big_ldr_post, big_ldrh, big_ldm, big_str, big_str_post, big_strh;
access_fn op_ldrex, op_ldrexd, op_vldr, op_vstr, op_vld1, op_vstm, op_ldr, op_str, op_ldr_post, op_ldrh,
    op_strh, op_ldm_four;

#endif
