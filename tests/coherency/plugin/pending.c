/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLB operations that have been issued. From ARMv6 on one is complete after the next DSB (DDI 0406C B3.10.1),
 * and what follows the next ISB, exception or return from one sees it (Arm 100069, 13.41 ISB). An entry whose
 * descriptor was stored without a DSB before the operation may be walked from the old word once more.
 */
#include "tlb.h"

enum { QUEUE = 64, SURVIVORS = 256 };

struct operation {
    enum { ALL, ASID, PAGE, PAGE_ALL_ASIDS } kind;
    u32 va, asid;
};

static struct operation queue[QUEUE];
static struct entry *survivors[SURVIVORS];
static unsigned queued, complete; /* the first ones of the queue are complete */
static unsigned surviving;

void pending_reset(void) { queued = complete = surviving = 0; }

static void perform(struct operation const *operation)
{
    switch (operation->kind) {
    case ALL: kill_all(); break;
    case ASID: kill_asid(operation->asid); break;
    default: kill_page(operation->va, operation->asid, operation->kind == PAGE_ALL_ASIDS);
    }
}

/* Entries whose old descriptor the core can still read after the operation. */
static void find_survivors(void)
{
    u32 const *words;
    size_t const count = changed_words(&words);

    for (size_t n = 0; n < count; n++) {
        u8 const word = 1 << (words[n] >> 2 & 7);

        if (pending_words(line_at(words[n])) & word && *memory_word(words[n]) != ram_word(words[n]))
            surviving += entries_of(words[n], survivors + surviving, SURVIVORS - surviving);
    }
}

static void issue(struct operation operation)
{
    if (!machine.core->ordered) {
        perform(&operation);
        return;
    }
    if (queued == QUEUE) { /* a page at a time without a barrier: as if the whole were */
        queue[0] = (struct operation) {ALL, 0, 0};
        complete = 0;
    } else {
        queue[queued++] = operation;
    }
    find_survivors();
}

void tlb_invalidate_all(void) { issue((struct operation) {ALL, 0, 0}); }
void tlb_invalidate_asid(u32 asid) { issue((struct operation) {ASID, 0, asid & 0xff}); }

void tlb_invalidate_page(u32 va, u32 asid, bool all_asids)
{
    issue((struct operation) {all_asids ? PAGE_ALL_ASIDS : PAGE, va, asid & 0xff});
}

void tlb_complete(void) { complete = queued; }

void tlb_synchronize(void)
{
    if (!complete)
        return;
    for (unsigned n = 0; n < complete; n++)
        perform(&queue[n]);
    for (unsigned n = 0; n < surviving; n++)
        survivors[n]->epoch = epoch_now(survivors[n]->asid);
    for (unsigned n = complete; n < queued; n++)
        queue[n - complete] = queue[n];
    queued -= complete;
    complete = surviving = 0;
}
