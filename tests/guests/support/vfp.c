// SPDX-License-Identifier: Apache-2.0
// All registers of VFP and NEON at once: one value for each, made from one word.
#include "vfp.h"

void vfp_load_bank(u32 const *words, bool upper), vfp_store_bank(u32 *words, bool upper);
u32 vfp_read_system(u32 which);
void vfp_write_fpexc(u32 value);

enum { EN = 1 << 30, FULL = 0xf << 20, BANK = 32 };
static u32 words[BANK];
static bool has_upper;

bool vfp_open(void)
{
    CP15_WRITE(1, 0, 2, FULL);
    CP15_WRITE(7, 5, 4, 0);
    if ((CP15_READ(1, 0, 2) & FULL) != FULL)
        return false;
    vfp_write_fpexc(EN);
    has_upper = ARCH == ARMV7 && (vfp_read_system(2) & 0xf) == 2;
    return true;
}

void vfp_close(void) { vfp_write_fpexc(0); }

void vfp_fill(u32 value)
{
    for (u32 upper = 0; upper <= has_upper; ++upper) {
        for (u32 n = 0; n != BANK; ++n)
            words[n] = value ? value ^ (upper * BANK + n) << 24 : 0;
        vfp_load_bank(words, upper);
    }
}

u32 vfp_differs(u32 value)
{
    u32 different = 0;
    for (u32 upper = 0; upper <= has_upper; ++upper) {
        vfp_store_bank(words, upper);
        for (u32 n = 0; n != BANK; ++n)
            different += words[n] != (value ? value ^ (upper * BANK + n) << 24 : 0);
    }
    return different;
}
