/* SPDX-License-Identifier: Apache-2.0 */
/* Operations by set and way: one line of one that may be any, until all of them have had their turn. */
#include "model.h"

#include <string.h>

static u8 set_way_done[4][512 * 4]; /* by enum extent */
static u32 set_way_count[4];

void set_way_reset(void)
{
    memset(set_way_done, 0, sizeof set_way_done);
    memset(set_way_count, 0, sizeof set_way_count);
}

void data_set_way_op(u32 value, enum extent what)
{
    struct core const *const core = machine.core;
    u32 const set = value / core->line_of_op & (core->sets - 1), way = value >> core->way_shift;
    u8 *const done = set_way_done[what];

    if (value >> 1 & 7) /* another level */
        return;
    if (!done[set * core->ways + way]) {
        done[set * core->ways + way] = 1;
        set_way_count[what]++;
    }
    if (set_way_count[what] == (u32)core->sets * core->ways) {
        memset(done, 0, sizeof set_way_done[0]);
        set_way_count[what] = 0;
        data_all_op(what);
    }
}
