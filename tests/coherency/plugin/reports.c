/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: each rule with what it means, and each (rule, reader, writer) once. */
#include "model.h"

#include <stdio.h>
#include <string.h>

struct rule_text const rule_texts[RULES] = {
    [D_STALE] = {"D-STALE", "a cached read may hit an old copy: invalidate the reader's line"},
    [D_ALIAS] = {"D-ALIAS", "a cached read may miss while another address's line is dirty: clean that line"},
    [D_CLOBBER] = {"D-CLOBBER",
                   "an old dirty line may have been written over the value: clean and invalidate it "
                   "before the store"},
    [D_LOST] = {"D-LOST", "a dirty line was invalidated and is read: clean it before"},
    [D_REMAP] = {"D-REMAP",
                 "a virtual line may hold another page's data: clean and invalidate it when the page "
                 "changes"},
    [U_DIRTY] = {"U-DIRTY", "an uncached read of what is dirty in the cache: clean the line"},
    [W_DIRTY] = {"W-DIRTY", "a table walk of a word that is dirty in the cache: clean the line"},
    [W_PENDING] = {"W-PENDING", "a table walk of a word in the write buffer: drain it (DSB)"},
    [W_RETURN] = {"W-RETURN",
                  "user mode begins before a table's word has reached memory: clean, drain (DSB)"},
    [I_STALE] = {"I-STALE", "a fetch may hit an old line: invalidate the instruction cache's line"},
    [I_DIRTY] = {"I-DIRTY", "a fetch of what is dirty in the data cache: clean the line"},
    [I_PENDING] = {"I-PENDING", "a fetch of what is in the write buffer: drain it (DSB)"},
    [I_REMAP] = {"I-REMAP",
                 "a virtual line may hold another page's code: invalidate it when the page changes"},
    [T_FRAME] = {"T-FRAME", "the TLB may hold another frame: invalidate the entry"},
    [T_MEMORY] = {"T-MEMORY", "the TLB may hold another memory type: invalidate the entry"},
    [T_RIGHTS] = {"T-RIGHTS", "the TLB may hold other rights: invalidate the entry"},
    [T_GONE] = {"T-GONE", "the TLB may hold what is not mapped any more: invalidate the entry"},
    [T_TWO] = {"T-TWO", "the TLB may hold two entries for the address: invalidate the old one"},
    [T_RETURN] = {"T-RETURN", "user mode begins while an old entry is live: invalidate it"},
    [O_SWITCH] = {"O-SWITCH", "TTBR and ASID change without a step between: go through ASID 0, with an ISB"},
    [O_CROSS] = {"O-CROSS", "a walk may end under the next ASID (erratum 754322): a DSB before the change"},
    [O_WALK] = {"O-WALK", "an access before the ISB after TTBR or ASID may use either"},
    [O_DACR] = {"O-DACR", "an access before the ISB after DACR may be judged by either"},
    [P_DATA] = {"P-DATA", "the data cache is switched on with what power-on left: invalidate it"},
    [P_CODE] = {"P-CODE", "the instruction cache is switched on with what power-on left: invalidate it"},
    [P_TLB] = {"P-TLB", "the MMU is switched on with what power-on left in the TLB: invalidate it"},
};

u64 reports_by_rule[RULES];

/* What was reported: a table of hashes, which is full when a run has gone wrong. */
static u64 seen[1 << 14];

void reports_reset(void)
{
    memset(seen, 0, sizeof seen);
    memset(reports_by_rule, 0, sizeof reports_by_rule);
}

static bool is_new(u64 key)
{
    key = (key ^ key >> 29) * 0x9e3779b97f4a7c15u | 1;
    for (unsigned n = 0; n < 64; n++) {
        u64 *const place = &seen[((key >> 40) + n) & ((1 << 14) - 1)];

        if (*place == key)
            return false;
        if (!*place) {
            *place = key;
            return true;
        }
    }
    return false;
}

void report(enum rule rule, u32 va, u32 pa, struct writer writer)
{
    char line[200];

    reports_by_rule[rule]++;
    if (!machine.out || !is_new((u64)machine.pc << 32 ^ (u64)writer.pc << 5 ^ rule))
        return;
    snprintf(line, sizeof line, "%s pc=%08x mode=%s va=%08x pa=%08x writer=%08x writer_va=%08x",
             rule_texts[rule].name, machine.pc, machine.user ? "user" : "privileged", va, pa, writer.pc,
             writer.va);
    machine.out(line);
}
