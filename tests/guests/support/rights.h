// SPDX-License-Identifier: Apache-2.0
// What an access right permits and which status a fault has, as docs/abi.md section 2 says.
#ifndef RIGHTS_H
#define RIGHTS_H
#include "guest.h"

enum { SENTINEL = 0x5eed5eed };
/* Fault status (DDI 0100I table B4-1, DDI 0406C table B3-23); pages have PAGE_FORM in addition. */
enum {
    ALIGNMENT = 0x1,
    TRANSLATION = 0x5,
    DOMAIN_FAULT = 0x9,
    PERMISSION = 0xd,
    PAGE_FORM = 2,
    EXTERNAL = 0x8,
    EXTERNAL_ON_WALK = 0xc,
};
enum right { NOTHING, READ, WRITE };

static inline u32 volatile *word_at(u32 va) { return (u32 volatile *)va; }

/// \param sr bit 0: SCTLR.S, bit 1: SCTLR.R; both is UNPREDICTABLE and taken as no access
enum right right_of(u32 ap, u32 access, u32 sr, bool user);

/// In DOMAIN_TEST. \param form 0 or PAGE_FORM \returns 0 or the fault status, without the write bit
u32 expected_status(u32 ap, u32 access, u32 sr, bool user, bool write, u32 form);

/// Does the access. \returns the same; fails unless address and write bit are right
u32 status_of(u32 va, bool user, bool write);

/// AP values that this core has; ends with ~0.
u32 const *all_aps(void);

#endif
