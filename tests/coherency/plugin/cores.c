/* SPDX-License-Identifier: Apache-2.0 */
/* What the model has to know of each core. */
#include "model.h"

#include <string.h>

static struct core const cores[] = {
    /*
     * DDI 0198D 4.1: virtual index, virtual tag, two dirty bits in a line of eight words, allocation on a
     * read miss. 2.3.8: an operation by address takes a modified virtual address, and needs no translation.
     * 3.7: the TLB may hold entries of addresses that nothing has accessed.
     */
    {.name = "arm926",
     .format = SUBPAGES,
     .virtual_tags = true,
     .evicted_words = 4,
     .line_of_op = 32,
     .speculates = true,
     .sets = 128,
     .ways = 4,
     .way_shift = 30},
    /* ARM1136, ARM1176: caches of up to 64 KB, four ways: bits 13 and 12 choose a set. Tags are physical. */
    {.name = "arm11",
     .format = SUBPAGES_OR_VMSA,
     .data_colours = 3,
     .code_colours = 3,
     .evicted_words = 4,
     .line_of_op = 32,
     .asids = true,
     .ordered = true,
     .sets = 128,
     .ways = 4,
     .way_shift = 30},
    /* Its data cache avoids aliases in hardware. */
    {.name = "arm11-mpcore",
     .format = SUBPAGES_OR_VMSA,
     .code_colours = 3,
     .evicted_words = 4,
     .line_of_op = 32,
     .asids = true,
     .ordered = true,
     .sets = 256,
     .ways = 4,
     .way_shift = 30},
    /* A line has 64 bytes, which operations by address reach and evictions write. */
    {.name = "cortex-a8",
     .format = VMSA,
     .code_colours = 3,
     .evicted_words = 8,
     .line_of_op = 64,
     .asids = true,
     .ordered = true,
     .walks_may_cache = true,
     .speculates = true,
     .sets = 64,
     .ways = 4,
     .way_shift = 30},
    /* Erratum 754322 of r2 and r3: a walk that begins before a change of the ASID may end behind it. */
    {.name = "cortex-a9",
     .format = VMSA,
     .code_colours = 3,
     .evicted_words = 8,
     .line_of_op = 32,
     .asids = true,
     .ordered = true,
     .walks_may_cache = true,
     .speculates = true,
     .walks_cross = true,
     .sets = 128,
     .ways = 4,
     .way_shift = 30},
};

struct core const *core_named(char const *name)
{
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
        if (!strcmp(cores[i].name, name))
            return &cores[i];
    return NULL;
}
