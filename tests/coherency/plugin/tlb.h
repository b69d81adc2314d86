/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the TLB's model share: entries, and the tables that they came from. */
#pragma once
#include "model.h"

enum { ASIDS = 256, GLOBAL = ASIDS };

struct entry {
    u32 va, asid, l1, l2, l1_pa, l2_pa;
    u32 epoch; /* live while it is its ASID's; 0: never */
};

bool live(struct entry const *entry);
u32 epoch_now(u32 asid);
struct translation as_held(struct entry const *entry, u32 va); /* what it says of an address that it covers */
void enter(struct translation const *t, u32 va); /* as if it had been walked, unless there is one */
struct translation walk_now(u32 va);             /* with what a walk may meet in caches and write buffer */
void forget_found(void);
void kill_all(void);
void kill_asid(u32 asid);
void kill_page(u32 va, u32 asid, bool all_asids);

/* tables.c */
void tables_reset(void);
void link_entry(struct entry *entry); /* it can be found by its descriptors from now on */
void note_table(u32 pa, u32 va);      /* a walk for `va` has read this word */
size_t entries_of(u32 pa, struct entry **out, size_t room); /* live ones that came from the word */
size_t changed_words(u32 const **out);                      /* of tables, since user mode was entered last */

/* pending.c */
void pending_reset(void);
