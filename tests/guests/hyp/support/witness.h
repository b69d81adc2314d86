// SPDX-License-Identifier: Apache-2.0
// Registers that nobody uses in between, so that a guest can see whether others leave them alone.
#ifndef WITNESS_H
#define WITNESS_H
#include "hyp.h"

extern u32 const witness_registers; // how many

u32 witness_read(u32 number);
void witness_write(u32 number); // its value
u32 witness_value(u32 number);  // what it is to hold, as far as it has bits for it
void witness_salt(u32 salt);    // other values from now on

#endif
