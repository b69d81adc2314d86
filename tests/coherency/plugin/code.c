/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction caches. */
#include "model.h"

#include <stdlib.h>

static u32 code_epoch;
static struct page_frame *frame_of; /* as in caches.c */
static bool unknown;

void code_reset(void)
{
    code_epoch = 1;
    free(frame_of);
    frame_of = machine.core->virtual_tags ? calloc(1 << 20, sizeof *frame_of) : NULL;
    unknown = true;
}

bool code_unknown(void) { return unknown; }

bool code_present(struct code_alias const *alias) { return alias->epoch == code_epoch; }

void code_stored(struct line *line, u8 changed)
{
    for (int i = 0; i < CODE_ALIASES; i++)
        if (code_present(&line->code[i]))
            line->code[i].old |= changed;
}

static u32 tag_of(u32 va)
{
    return machine.core->virtual_tags ? va / LINE : va >> 12 & machine.core->code_colours;
}

static struct code_alias *find(struct line *line, u32 tag)
{
    for (int i = 0; i < CODE_ALIASES; i++)
        if (code_present(&line->code[i]) && line->code[i].tag == tag)
            return &line->code[i];
    return NULL;
}

static void fill(struct line *line, u32 tag)
{
    struct code_alias *place = &line->code[0];

    for (int i = 0; i < CODE_ALIASES; i++)
        if (!code_present(&line->code[i]))
            place = &line->code[i];
    *place = (struct code_alias) {tag, code_epoch, newer_words(line) | pending_words(line), false};
}

static void note_frame(u32 va, u32 pa)
{
    struct page_frame *const is = frame_of ? &frame_of[va >> 12] : NULL;

    if (!is || (is->frame == pa >> 12 && is->epoch == code_epoch))
        return;
    if (is->epoch == code_epoch)
        page_remapped(va, is->frame, pa >> 12, true);
    *is = (struct page_frame) {pa >> 12, code_epoch};
}

void code_fetch(u32 va, u32 pa, u8 words, struct memory_type type)
{
    struct line *const line = line_at(pa);
    struct code_alias *alias = NULL;

    if (!line)
        return;
    if (line->lost & words)
        report(line->lost_by, va, pa, line->writer);
    if (type.cached) {
        note_frame(va, pa);
        alias = find(line, tag_of(va));
        if (alias && !alias->old && !line->lost)
            return;
        if (alias && alias->old & words)
            report(alias->remapped ? I_REMAP : I_STALE, va, pa, line->writer);
    }
    if (newer_words(line) & words)
        report(I_DIRTY, va, pa, line->writer);
    else if (pending_words(line) & words)
        report(I_PENDING, va, pa, line->writer);
    if (type.cached && !alias)
        fill(line, tag_of(va));
}

static void forget(u32 pa, u32 tag)
{
    struct line *const line = line_at(pa);

    for (int i = 0; line && i < CODE_ALIASES; i++)
        if (code_present(&line->code[i]) && line->code[i].tag == tag)
            line->code[i].epoch = 0;
}

void code_line_op(u32 va)
{
    u32 const step = machine.core->line_of_op, first = va & ~(step - 1);
    u32 pa;

    for (u32 at = first; at != first + step; at += LINE) {
        if (frame_of && frame_of[at >> 12].epoch == code_epoch)
            forget(frame_of[at >> 12].frame << 12 | (at & 0xfff), at / LINE);
        else if (!frame_of && tlb_probe(at, &pa))
            forget(pa, tag_of(at));
    }
}

void code_all_op(void)
{
    code_epoch++;
    unknown = false;
}
