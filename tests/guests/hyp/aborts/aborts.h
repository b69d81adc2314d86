// SPDX-License-Identifier: Apache-2.0
// The instructions of ops.S.
#ifndef ABORTS_H
#define ABORTS_H
#include "hyp.h"

access_fn load, store, load_byte, load_pair, store_many, jump, big_load, thumb_it_load, thumb_user_c15;
extern char load_at[];

#endif
