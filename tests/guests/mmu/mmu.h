// SPDX-License-Identifier: Apache-2.0
// Where the tests of page tables map what they try.
#ifndef MMU_H
#define MMU_H

#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SECTION_AREA = 0x20200000, LARGE_AREA = 0x20300000 };

/// The first word of each frame of SCRATCH says which one it is.
static inline void number_frames(u32 count)
{
    for (u32 n = 0; n != count; ++n)
        *word_at(SCRATCH + n * PAGE) = n;
}

#endif
