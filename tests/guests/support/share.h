// SPDX-License-Identifier: Apache-2.0
// What `echo` and the guests beside it have in common: two regions and two channels, in this order.
#ifndef SHARE_H
#define SHARE_H

#include "guest.h"

enum { BELL, SECOND }; // ports
enum {
    BOTH = 0x20100000, // where the first region is seen: both guests write to it
    ONE = 0x20200000,  // and the second one, which only echo writes to
    REGION_SIZE = 64 << 10,
};
enum { ASKED, ANSWERED, ROUNDS, WORD }; // words of the first region
enum { MESSAGE = 0x100 };               // from this word on: what is asked, and then what is answered

static inline u32 volatile *both(u32 word) { return (u32 volatile *)BOTH + word; }
static inline u32 volatile *one(u32 word) { return (u32 volatile *)ONE + word; }

/// \param ap of the pages; \param bits more of their entries
static inline void map_region(u32 va, u32 number, u32 ap, u32 bits)
{
    for (u32 at = 0; at != REGION_SIZE; at += PAGE) {
        u32 const ipa = VAMBRACE_REGION_IPA + number * VAMBRACE_REGION_SPACING + at;
        map_page(l1, va + at, ipa, aps(ap), DOMAIN_USER);
        add_to_page(l1, va + at, bits);
    }
}

#endif
