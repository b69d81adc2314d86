// SPDX-License-Identifier: Apache-2.0
// What the GIC's tests share.
#ifndef GIC_H
#define GIC_H
#include "hyp.h"

extern u32 const spread[12]; // INTIDs all over the place
/// Enables the interrupt and makes it pending.
void pend(u32 intid, u8 priority);

#endif
