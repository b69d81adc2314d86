/* SPDX-License-Identifier: Apache-2.0 */
/* The TLB: every translation that was used since it was last invalidated may be in it. */
#include "tlb.h"

#include <stdlib.h>
#include <string.h>

/*
 * Entries by ASID and address, one for each 4 KB page and one for each megabyte; what is global is in the
 * last row. That of a large page or a supersection stands at each of its addresses that was used.
 */
static struct entry *pages[ASIDS + 1][1024], *sections[ASIDS + 1];
static u32 epoch_of[ASIDS + 1];
static u32 next_epoch;
static bool unknown;

/* What was found last for a page. It holds until `stamp` changes. */
static struct found {
    u32 stamp, frame;
    struct memory_type type;
} * found;
static u32 stamp;

/* Through which entry a frame, or a megabyte, was cached last. */
static struct entry **cached_page, **cached_section;

void tlb_reset(void)
{
    for (int asid = 0; asid <= ASIDS; asid++) {
        for (int n = 0; n < 1024; n++) {
            free(pages[asid][n]);
            pages[asid][n] = NULL;
        }
        free(sections[asid]);
        sections[asid] = NULL;
        epoch_of[asid] = 1;
    }
    next_epoch = 2;
    free(found);
    found = calloc(1 << 20, sizeof *found);
    free(cached_page);
    free(cached_section);
    cached_page = calloc(machine.ram_size >> 12, sizeof *cached_page);
    cached_section = calloc((machine.ram_size >> 20) + 1, sizeof *cached_section);
    stamp = 1;
    unknown = true;
    tables_reset();
    pending_reset();
}

bool tlb_unknown(void) { return unknown; }

bool live(struct entry const *entry) { return entry->epoch == epoch_of[entry->asid]; }

u32 epoch_now(u32 asid) { return epoch_of[asid]; }

static struct entry *slot(u32 asid, u32 va, bool section, bool make)
{
    struct entry **const row = section ? &sections[asid] : &pages[asid][va >> 22];

    if (!*row && make)
        *row = calloc(section ? 4096 : 1024, sizeof **row);
    return *row ? *row + (section ? va >> 20 : va >> 12 & 1023) : NULL;
}

static u32 asid_of(struct translation const *t)
{
    return t->global || !machine.core->asids ? GLOBAL : machine.now.asid & 0xff;
}

void enter(struct translation const *t, u32 va)
{
    u32 const asid = asid_of(t);
    struct entry *const entry = slot(asid, va, t->section, true);

    if (live(entry) && entry->epoch)
        return; /* the old one is the dangerous one, and stays */
    if (entry->l1_pa != t->l1_pa || entry->l2_pa != t->l2_pa || !entry->epoch) {
        *entry = (struct entry) {.va = va, .asid = asid, .l1_pa = t->l1_pa, .l2_pa = t->l2_pa};
        link_entry(entry);
    }
    entry->l1 = t->l1;
    entry->l2 = t->l2;
    entry->epoch = epoch_of[asid];
}

struct translation as_held(struct entry const *entry, u32 va)
{
    return decode(&machine.now, va, entry->l1, entry->l1_pa, entry->l2);
}

/* What may be in the TLB for the address: at most four. */
static int candidates(u32 va, struct entry *found_here[4])
{
    u32 const asids[2] = {machine.now.asid & 0xff, GLOBAL};
    int count = 0;

    for (int n = machine.core->asids ? 0 : 1; n < 2; n++)
        for (int section = 0; section < 2; section++) {
            struct entry *const entry = slot(asids[n], va, section, false);

            if (entry && entry->epoch && live(entry))
                found_here[count++] = entry;
        }
    return count;
}

static struct writer writer_of(struct entry const *entry)
{
    struct line const *const l2 = entry->l2_pa ? line_at(entry->l2_pa) : NULL;
    struct line const *const line = l2 && ram_word(entry->l2_pa) != entry->l2 ? l2 : line_at(entry->l1_pa);

    return line ? line->writer : (struct writer) {0};
}

/* An entry that is not what the tables say: what it would have done to the access. */
static void compare(struct entry const *entry, struct translation const *is, struct access const *access)
{
    struct translation const was = as_held(entry, access->va);
    enum rule rule;

    if (entry->l1 == is->l1 && entry->l2 == is->l2)
        return;
    if (!is->mapped)
        rule = T_GONE;
    else if (was.frame != is->frame)
        rule = T_FRAME;
    else if (!same_memory(&was, is))
        rule = T_MEMORY;
    else if (!permitted(&machine.now, &was, access))
        rule = T_RIGHTS;
    else
        return;
    report(rule, access->va, is->mapped ? is->frame << 12 : 0, writer_of(entry));
}

/* A walk reads memory: not what is dirty or waits, unless it looks into the cache. */
static void read_by_walk(u32 va, u32 pa)
{
    struct line *const line = line_at(pa);
    u8 const word = 1 << (pa >> 2 & 7);
    u8 newer;

    if (!line)
        return;
    line->walked |= word;
    newer = machine.core->walks_may_cache && machine.now.ttbr0 & 0x41 ? 0 : newer_words(line);
    if (newer & word && *memory_word(pa) != ram_word(pa))
        report(W_DIRTY, va, pa, line->writer);
    else if (pending_words(line) & word && *memory_word(pa) != ram_word(pa))
        report(W_PENDING, va, pa, line->writer);
    else if (line->lost & word)
        report(line->lost_by, va, pa, line->writer);
}

struct translation walk_now(u32 va)
{
    struct translation const t = walk(&machine.now, va);

    read_by_walk(va, t.l1_pa);
    note_table(t.l1_pa, va);
    if (t.l2_pa) {
        read_by_walk(va, t.l2_pa);
        note_table(t.l2_pa, va);
    }
    return t;
}

static void check_two(struct translation const *t, u32 va, struct entry **held, int count)
{
    for (int n = 0; n < count; n++)
        if (t->mapped && (as_held(held[n], va).section != t->section || held[n]->asid != asid_of(t)))
            report(T_TWO, va, t->frame << 12, writer_of(held[n]));
}

static void note_cached(struct translation const *t, u32 va)
{
    u32 const place = (t->frame << 12) - machine.ram_base;

    if (!machine.core->speculates || !t->type.cached || !in_ram(t->frame << 12))
        return;
    *(t->section ? &cached_section[place >> 20] : &cached_page[place >> 12]) =
        slot(asid_of(t), va, t->section, false);
}

struct place tlb_translate(struct access const *access)
{
    struct found *const known = &found[access->va >> 12];
    struct entry *held[4];
    struct translation t;
    int count;

    if (!(machine.now.sctlr & SCTLR_M))
        return (struct place) {access->va, {0}, true};
    if (known->stamp == stamp)
        return (struct place) {known->frame << 12 | (access->va & 0xfff), known->type, true};
    t = walk_now(access->va);
    count = candidates(access->va, held);
    for (int n = 0; n < count; n++)
        compare(held[n], &t, access);
    check_two(&t, access->va, held, count);
    if (!t.mapped)
        return (struct place) {0};
    enter(&t, access->va);
    note_cached(&t, access->va);
    /*
     * A store may be let through by a table and a load not be by an entry: such an entry is looked at again.
     */
    if (!count || (count == 1 && held[0]->l1 == t.l1 && held[0]->l2 == t.l2))
        *known = (struct found) {stamp, t.frame, t.type};
    return (struct place) {t.frame << 12 | (access->va & 0xfff), t.type, true};
}

static bool shows(struct entry const *entry, u32 pa)
{
    struct translation t;

    if (!entry || !live(entry))
        return false;
    t = as_held(entry, entry->va);
    return t.mapped && t.type.cached && !((t.frame << 12 ^ pa) & (t.section ? 0xfff00000 : 0xfffff000));
}

bool tlb_may_fill(u32 pa)
{
    u32 const place = pa - machine.ram_base;

    return (machine.now.sctlr & (SCTLR_M | SCTLR_C)) == (SCTLR_M | SCTLR_C) &&
           (shows(cached_page[place >> 12], pa) || shows(cached_section[place >> 20], pa));
}

bool tlb_probe(u32 va, u32 *pa)
{
    struct translation t;

    if (!(machine.now.sctlr & SCTLR_M)) {
        *pa = va;
        return true;
    }
    t = walk(&machine.now, va);
    *pa = t.frame << 12 | (va & 0xfff);
    return t.mapped;
}

void tlb_fault(struct access const *access)
{
    struct entry *held[4];
    struct translation t;
    int count;

    if (!(machine.now.sctlr & SCTLR_M))
        return;
    t = walk_now(access->va);
    if (permitted(&machine.now, &t, access))
        return;
    count = candidates(access->va, held);
    for (int n = 0; n < count; n++) {
        struct translation const was = as_held(held[n], access->va);

        if ((held[n]->l1 != t.l1 || held[n]->l2 != t.l2) && permitted(&machine.now, &was, access))
            report(t.mapped ? T_RIGHTS : T_GONE, access->va, was.frame << 12, writer_of(held[n]));
    }
    if (t.mapped)
        enter(&t, access->va);
}

void tlb_registers_changed(void) { stamp++; }

void forget_found(void) { stamp++; }

void kill_all(void)
{
    for (int asid = 0; asid <= ASIDS; asid++)
        epoch_of[asid] = next_epoch++;
    stamp++;
    unknown = false;
}

void kill_asid(u32 asid)
{
    epoch_of[asid & 0xff] = next_epoch++;
    stamp++;
}

static void kill_wide(u32 asid, u32 va)
{
    struct entry *entry = slot(asid, va, true, false);

    if (entry && entry->epoch && live(entry)) {
        u32 const wide = as_held(entry, va).wide, first = va & -wide;

        for (u32 at = first; wide && at - first < wide; at += 1 << 20)
            slot(asid, at, true, false)->epoch = 0;
    }
    for (u32 at = va & ~0xffffu, n = 0; n < 16; n++, at += 0x1000) {
        entry = slot(asid, at, false, false);
        if (entry && entry->epoch && (at >> 12 == va >> 12 || as_held(entry, va).wide == 1 << 16))
            entry->epoch = 0;
    }
}

void kill_page(u32 va, u32 asid, bool all_asids)
{
    if (machine.core->asids)
        for (u32 n = all_asids ? 0 : asid; n <= (all_asids ? ASIDS - 1 : asid); n++)
            kill_wide(n, va);
    kill_wide(GLOBAL, va);
    stamp++;
}
