// SPDX-License-Identifier: Apache-2.0
// The instructions of ops.S.
#ifndef STAGE2_H
#define STAGE2_H
#include "hyp.h"

access_fn op_load, op_store, op_jump, op_ats12, op_ats1h;
#endif
