/* SPDX-License-Identifier: Apache-2.0 */
/* Data caches and the write buffer. */
#include "model.h"

#include <stdlib.h>

static u32 data_epoch, drains;
static struct line **dirty_lines; /* those that an operation on the whole cache has to look at */
static size_t dirty_count, dirty_room;
static struct page_frame *frame_of, *frame_before;
static bool unknown;

void caches_reset(void)
{
    data_epoch = 1;
    drains = 1;
    dirty_count = 0;
    free(frame_of);
    free(frame_before);
    frame_of = machine.core->virtual_tags ? calloc(1 << 20, sizeof *frame_of) : NULL;
    frame_before = machine.core->virtual_tags ? calloc(1 << 20, sizeof *frame_before) : NULL;
    set_way_reset();
    unknown = true;
    code_reset();
}

bool data_unknown(void) { return unknown; }

bool present(struct alias const *alias) { return alias->epoch == data_epoch; }

static u32 tag_of(u32 va)
{
    return machine.core->virtual_tags ? va / LINE : va >> 12 & machine.core->data_colours;
}

u8 newer_words(struct line const *line)
{
    u8 words = 0;

    for (int i = 0; i < DATA_ALIASES; i++)
        if (present(&line->data[i]))
            words |= line->data[i].newer;
    return words;
}

u8 pending_words(struct line const *line) { return line->drains == drains ? line->pending : 0; }

static void wait_in_buffer(struct line *line, u8 words)
{
    line->pending = pending_words(line) | words;
    line->drains = drains;
}

static struct alias *find(struct line *line, u32 tag)
{
    for (int i = 0; i < DATA_ALIASES; i++)
        if (present(&line->data[i]) && line->data[i].tag == tag)
            return &line->data[i];
    return NULL;
}

/* A place for one more: a free one, else one that has nothing to lose, else the first. */
static struct alias *place_for(struct line *line)
{
    struct alias *best = &line->data[0];

    for (int i = 0; i < DATA_ALIASES; i++) {
        if (!present(&line->data[i])) {
            line->several |= i > 0;
            return &line->data[i];
        }
        if (best->dirty && !line->data[i].dirty)
            best = &line->data[i];
    }
    return best;
}

/* Virtual tags: a page's lines that were filled for another frame are there still. */
static void note_frame(u32 va, u32 pa)
{
    struct page_frame *const is = frame_of ? &frame_of[va >> 12] : NULL;

    if (!is || (is->frame == pa >> 12 && is->epoch == data_epoch))
        return;
    if (is->epoch == data_epoch) {
        page_remapped(va, is->frame, pa >> 12, false);
        frame_before[va >> 12] = *is;
    }
    *is = (struct page_frame) {pa >> 12, data_epoch};
}

void page_remapped(u32 va, u32 old_frame, u32 new_frame, bool code)
{
    for (u32 n = 0; n < LINES_OF_PAGE; n++) {
        struct line *const was = line_at(old_frame << 12 | n * LINE),
                           *is = line_at(new_frame << 12 | n * LINE);
        u32 const tag = ((va & ~0xfffu) + n * LINE) / LINE;

        if (!was || !is)
            continue;
        for (int i = 0; code && i < CODE_ALIASES; i++)
            if (code_present(&was->code[i]) && was->code[i].tag == tag && !was->code[i].remapped)
                is->code[0] = (struct code_alias) {tag, was->code[i].epoch, 0xff, true};
        if (!code && find(was, tag) && !find(is, tag))
            *place_for(is) = (struct alias) {tag, data_epoch, 0, 0xff, 0, true};
    }
}

static struct alias *fill(struct line *line, u32 tag)
{
    struct alias *const made = place_for(line);

    *made = (struct alias) {.tag = tag, .epoch = data_epoch, .old = newer_words(line)};
    return made;
}

static void list(struct line *line)
{
    if (line->listed)
        return;
    if (dirty_count == dirty_room)
        dirty_lines = realloc(dirty_lines, (dirty_room = dirty_room * 2 + 1024) * sizeof *dirty_lines);
    dirty_lines[dirty_count++] = line;
    line->listed = true;
}

static void check_lost(struct access const *access, u32 pa, struct line const *line, u8 words)
{
    if (line->lost & words)
        report(line->lost_by, access->va, pa, line->writer);
}

static void load_cached(struct access const *access, u32 pa, struct line *line, u8 words)
{
    struct alias *alias;
    u8 elsewhere = 0;

    note_frame(access->va, pa);
    alias = find(line, tag_of(access->va));
    if (alias && alias->old & words)
        report(alias->remapped ? D_REMAP : D_STALE, access->va, pa, line->writer);
    for (int i = 0; i < DATA_ALIASES; i++)
        if (&line->data[i] != alias && present(&line->data[i]))
            elsewhere |= line->data[i].newer;
    if (elsewhere & words & ~(alias ? alias->newer | alias->old : 0))
        report(D_ALIAS, access->va, pa, line->writer);
    if (!alias)
        fill(line, tag_of(access->va));
}

void data_load(struct access const *access, u32 pa, u8 words, struct memory_type type)
{
    struct line *const line = line_at(pa);

    if (!line)
        return;
    if (type.cached && !line->several && present(&line->data[0]) && !line->data[0].old && !line->lost &&
        line->data[0].tag == tag_of(access->va))
        return; /* as nearly always: the one copy there is */
    check_lost(access, pa, line, words);
    if (type.cached)
        load_cached(access, pa, line, words);
    else if (newer_words(line) & words)
        report(U_DIRTY, access->va, pa, line->writer);
}

static u8 granules(u8 words)
{
    if (machine.core->evicted_words == 8)
        return words ? 0xff : 0;
    return (words & 0x0f ? 0x0f : 0) | (words & 0xf0 ? 0xf0 : 0);
}

/* Every copy but `own` is old now. Returns the words that the eviction of such a copy would take back. */
static u8 outdate(struct line *line, struct alias const *own, u8 changed, u8 superseded)
{
    u8 in_danger = 0;

    for (int i = 0; i < DATA_ALIASES; i++) {
        struct alias *const other = &line->data[i];

        if (other == own || !present(other))
            continue;
        other->old |= changed;
        other->newer &= ~(changed | superseded);
        in_danger |= changed & other->dirty;
    }
    code_stored(line, changed);
    return in_danger;
}

/* A store that hits another page's line ends there. */
static void check_page(u32 va, u32 pa, struct line const *line, struct alias const *alias)
{
    if (alias && alias->remapped)
        report(D_REMAP, va, pa, line->writer);
}

static void store_back(u32 va, u32 pa, struct line *line, u8 words, u8 changed, u32 const *old)
{
    u8 const elsewhere = newer_words(line) | pending_words(line);
    struct alias *alias;

    note_frame(va, pa);
    alias = find(line, tag_of(va));
    check_page(va, pa, line, alias);
    if (!alias)
        alias = fill(line, tag_of(va));
    line->lost |= outdate(line, alias, changed, 0);
    alias->old &= ~words;
    for (unsigned w = 0; w < WORDS; w++)
        if (changed >> w & 1 && !(elsewhere >> w & 1))
            *memory_word((pa & ~31u) + w * 4) = old[w];
    alias->newer |= changed;
    alias->dirty |= granules(words);
    list(line);
    if (machine.core->ordered)
        wait_in_buffer(line, changed);
}

static void store_through(u32 va, u32 pa, struct line *line, u8 words, u8 changed, u32 const *old,
                          struct memory_type type)
{
    u8 const was_newer = newer_words(line), elsewhere = was_newer | pending_words(line);
    struct alias *const alias = type.cached ? find(line, tag_of(va)) : NULL;

    if (!type.cached && machine.core->speculates && !find(line, tag_of(va)) && tlb_may_fill(pa))
        fill(line, tag_of(va)); /* a moment ago, for nobody */
    for (unsigned w = 0; w < WORDS; w++)
        if (changed >> w & 1 && !(elsewhere >> w & 1))
            *memory_word((pa & ~31u) + w * 4) = old[w];
    line->lost |= outdate(line, alias, changed, words & was_newer);
    check_page(va, pa, line, alias);
    if (alias) {
        alias->old &= ~words;
        alias->newer &= ~words;
    }
    if (type.buffered || machine.core->ordered)
        wait_in_buffer(line, changed | (words & was_newer));
}

void data_store(struct access const *access, u32 pa, u8 words, struct memory_type type)
{
    struct line *const line = line_at(pa);
    u32 old[WORDS];
    u8 changed;

    if (!line)
        return;
    changed = take_changes(pa, words, old);
    line->lost &= ~words;
    if (changed) {
        line->writer = (struct writer) {access->pc, access->va};
        line->lost_by = D_CLOBBER;
    }
    if (type.cached && type.write_back)
        store_back(access->va, pa, line, words, changed, old);
    else
        store_through(access->va, pa, line, words, changed, old, type);
    if (changed)
        table_stored(pa & ~31u, changed, old);
}

static void clean(struct line *line, struct alias *alias)
{
    u8 const written = alias->dirty & ~alias->old;

    if (alias->remapped || !alias->dirty)
        return;
    if (alias->newer)
        wait_in_buffer(line, alias->newer);
    alias->newer = alias->dirty = 0;
    for (int i = 0; i < DATA_ALIASES; i++)
        line->data[i].newer &= ~written;
}

static void operate(struct line *line, struct alias *alias, enum extent what)
{
    if (what & CLEAN)
        clean(line, alias);
    if (!(what & INVALIDATE))
        return;
    if (alias->newer) {
        line->lost |= alias->newer;
        line->lost_by = D_LOST;
    }
    alias->epoch = 0;
    alias->newer = alias->dirty = 0;
}

static void line_op_in(u32 pa, u32 tag, enum extent what)
{
    struct line *const line = line_at(pa);
    struct alias *const alias = line ? find(line, tag) : NULL;

    if (alias)
        operate(line, alias, what);
}

static void line_op_behind(struct page_frame const *page, u32 va, enum extent what)
{
    if (page->epoch == data_epoch)
        line_op_in(page->frame << 12 | (va & 0xfff), va / LINE, what);
}

void data_line_op(u32 va, enum extent what)
{
    u32 const step = machine.core->line_of_op, first = va & ~(step - 1);
    u32 pa;

    for (u32 at = first; at != first + step; at += LINE) {
        if (frame_of) {
            line_op_behind(&frame_of[at >> 12], at, what);
            line_op_behind(&frame_before[at >> 12], at, what);
        } else if (tlb_probe(at, &pa)) {
            line_op_in(pa, tag_of(at), what);
        }
    }
}

void data_all_op(enum extent what)
{
    for (size_t n = 0; n < dirty_count; n++) {
        struct line *const line = dirty_lines[n];

        for (int i = 0; i < DATA_ALIASES; i++)
            if (present(&line->data[i]) && line->data[i].dirty)
                operate(line, &line->data[i], what);
        line->listed = false;
    }
    dirty_count = 0;
    if (what & INVALIDATE) {
        data_epoch++;
        unknown = false;
    }
}

void drain(void) { drains++; }
