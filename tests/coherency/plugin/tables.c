/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: which words entries came from, and which words of them have changed since user mode ran. */
#include "tlb.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 14, MOST_KEPT = 4096 };

/*
 * Entries by the address of a descriptor. A slot keeps its descriptors' addresses, so nodes do not pile up.
 */
static struct node {
    struct entry *entry;
    u32 pa, next;
} * nodes;
static u32 node_count, node_room, buckets[BUCKETS];

/* By 1 KB of RAM: whether it is a table, and which megabyte it was last walked for. */
enum { NO_TABLE, FIRST_LEVEL, SECOND_LEVEL };
static struct table {
    u8 level;
    u8 asid;
    u16 megabyte;
} * tables;

static u32 *changed;
static size_t changed_count, changed_room;

void tables_reset(void)
{
    node_count = 1;
    memset(buckets, 0, sizeof buckets);
    free(tables);
    tables = calloc(machine.ram_size >> 10, sizeof *tables);
    changed_count = 0;
}

static u32 *bucket(u32 pa) { return &buckets[(pa >> 2) * 0x9e3779b1u >> 18]; }

static void add_node(struct entry *entry, u32 pa)
{
    u32 *const head = bucket(pa);

    for (u32 n = *head; n; n = nodes[n].next)
        if (nodes[n].entry == entry && nodes[n].pa == pa)
            return;
    if (node_count >= node_room)
        nodes = realloc(nodes, (node_room = node_room * 2 + 4096) * sizeof *nodes);
    nodes[node_count] = (struct node) {entry, pa, *head};
    *head = node_count++;
}

void link_entry(struct entry *entry)
{
    add_node(entry, entry->l1_pa);
    if (entry->l2_pa)
        add_node(entry, entry->l2_pa);
}

size_t entries_of(u32 pa, struct entry **out, size_t room)
{
    size_t count = 0;

    for (u32 n = *bucket(pa); n && count < room; n = nodes[n].next) {
        struct entry *const entry = nodes[n].entry;

        if (nodes[n].pa == pa && entry->epoch && live(entry) && (entry->l1_pa == pa || entry->l2_pa == pa))
            out[count++] = entry;
    }
    return count;
}

void note_table(u32 pa, u32 va)
{
    if (!in_ram(pa))
        return;
    if (!tables[(pa - machine.ram_base) >> 10].level)
        settle(pa & ~0x3ffu, 1024);
    tables[(pa - machine.ram_base) >> 10] = (struct table) {
        (pa >> 2 & 0xff) == (va >> 12 & 0xff) && (pa >> 2 & 0xfff) != va >> 20 ? SECOND_LEVEL : FIRST_LEVEL,
        machine.now.asid & 0xff, va >> 20};
}

static void remember_change(u32 pa)
{
    for (size_t n = changed_count; n-- > 0 && changed_count - n < 16;)
        if (changed[n] == pa)
            return;
    if (changed_count == changed_room)
        changed = realloc(changed, (changed_room = changed_room * 2 + 256) * sizeof *changed);
    changed[changed_count++] = pa;
}

/* The word's translation in the tables that are in use; whether it has one. */
static bool in_use(u32 pa, u32 *va, struct translation *t)
{
    struct table const *const table = &tables[(pa - machine.ram_base) >> 10];

    *va = table->level == FIRST_LEVEL ? pa << 18 & 0xfff00000
                                      : (u32)table->megabyte << 20 | (pa << 10 & 0xff000);
    *t = walk(&machine.now, *va);
    return machine.now.sctlr & SCTLR_M && (t->l1_pa == pa || t->l2_pa == pa);
}

/* A core that speculates may have walked the old word for nobody a moment ago. */
static void walked_before(u32 pa, u32 old)
{
    struct translation t;
    u32 va;

    if (!in_use(pa, &va, &t))
        return;
    t = decode(&machine.now, va, t.l1_pa == pa ? old : t.l1, t.l1_pa,
               t.l1_pa == pa ? ram_word(t.l2_pa) : old);
    if (t.mapped)
        enter(&t, va);
}

void table_stored(u32 pa, u8 words, u32 const *old)
{
    struct table const *const table = &tables[(pa - machine.ram_base) >> 10];
    struct line const *const line = line_at(pa);

    if (!table->level)
        return;
    for (unsigned w = 0; w < WORDS; w++) {
        if (!(words >> w & 1))
            continue;
        if (machine.core->speculates && old[w] & 3)
            walked_before(pa + w * 4, old[w]);
        if (machine.strict || machine.core->ordered)
            remember_change(pa + w * 4);
    }
    if (line->walked & words)
        forget_found();
}

size_t changed_words(u32 const **out)
{
    *out = changed;
    return changed_count;
}

static bool is_current(struct entry const *entry)
{
    return entry->asid == GLOBAL || entry->asid == (machine.now.asid & 0xff);
}

/*
 * An entry that would do something else than the tables say, for anybody: those that are in use, or its own.
 */
static bool differs(struct entry const *entry)
{
    struct translation const was = as_held(entry, entry->va),
                             is = is_current(entry)
                                      ? walk(&machine.now, entry->va)
                                      : decode(&machine.now, entry->va, ram_word(entry->l1_pa), entry->l1_pa,
                                               entry->l2_pa ? ram_word(entry->l2_pa) : 0);

    return was.frame != is.frame || was.mapped != is.mapped || was.ap != is.ap || was.domain != is.domain ||
           was.never_execute != is.never_execute || was.section != is.section || !same_memory(&was, &is);
}

/*
 * Whether an old entry is left under an ASID that is not the current one: it has to be gone when that is
 * back.
 */
static bool check_word(u32 pa)
{
    struct line const *const line = line_at(pa);
    struct entry *held[64];
    size_t const count = entries_of(pa, held, 64);
    u8 const word = 1 << (pa >> 2 & 7);
    bool const walks_see = machine.core->walks_may_cache && machine.now.ttbr0 & 0x41;
    bool later = false;
    struct translation t;
    u32 va;

    if (in_use(pa, &va, &t) && ((!walks_see && newer_words(line) & word) || pending_words(line) & word) &&
        *memory_word(pa) != ram_word(pa))
        report(W_RETURN, va, pa, line->writer);
    for (size_t n = 0; n < count; n++)
        if (differs(held[n])) {
            if (is_current(held[n]))
                report(T_RETURN, held[n]->va, pa, line->writer);
            else
                later = true;
        }
    return later;
}

void tlb_returns_to_user(void)
{
    size_t kept = 0;

    for (size_t n = 0; machine.strict && n < changed_count; n++)
        if (check_word(changed[n]) && kept < MOST_KEPT)
            changed[kept++] = changed[n];
    changed_count = kept;
}
