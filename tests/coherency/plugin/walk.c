/* SPDX-License-Identifier: Apache-2.0 */
/* Translation tables: what a pair of descriptors means (DDI 0100I B4.7; DDI 0406C B3.5, B3.8.3). */
#include "model.h"

static struct memory_type const uncached = {0}, buffered = {.buffered = true};

/* Cacheable and bufferable bits of ARMv5 (DDI 0198D table 4-4), and of TEX = 0. */
static struct memory_type by_cb(u32 word)
{
    bool const c = word >> 3 & 1, b = word >> 2 & 1;

    return (struct memory_type) {.cached = c, .write_back = c && b, .buffered = c || b};
}

/* Two bits: none; write-back, allocating; write-through; write-back. */
static struct memory_type by_policy(unsigned policy)
{
    return (struct memory_type) {.cached = policy != 0, .write_back = policy & 1, .buffered = true};
}

static struct memory_type vmsa_type(struct registers const *r, unsigned tex, u32 word)
{
    unsigned const cb = word >> 2 & 3;

    if (r->sctlr & SCTLR_TRE) {
        unsigned const n = (tex & 1) << 2 | cb, kind = r->prrr >> 2 * n & 3;

        return kind == 2 ? by_policy(r->nmrr >> 2 * n & 3) : kind ? buffered : uncached;
    }
    if (tex & 4)
        return by_policy(cb);
    if (tex == 0)
        return cb == 0 ? uncached : cb == 1 ? buffered : by_policy(cb);
    return tex == 1 && cb == 3 ? by_policy(1) : buffered;
}

static bool subpages(struct registers const *r)
{
    return machine.core->format == SUBPAGES ||
           (machine.core->format == SUBPAGES_OR_VMSA && !(r->sctlr & SCTLR_XP));
}

static void decode_section(struct translation *t, struct registers const *r, u32 va)
{
    u32 const word = t->l1;
    bool const super = !subpages(r) && word >> 18 & 1;

    t->mapped = t->section = true;
    t->wide = super ? 1 << 24 : 1 << 20;
    t->frame = ((word & -t->wide) | (va & (t->wide - 1))) >> 12;
    t->domain = super ? 0 : word >> 5 & 15;
    if (subpages(r)) {
        t->ap = word >> 10 & 3;
        t->type = by_cb(word);
        return;
    }
    t->ap = (word >> 10 & 3) | (word >> 13 & 4);
    t->never_execute = word >> 4 & 1;
    t->global = !(word >> 17 & 1);
    t->type = vmsa_type(r, word >> 12 & 7, word);
}

static void decode_page(struct translation *t, struct registers const *r, u32 va)
{
    u32 const word = t->l2, kind = word & 3;
    bool const large = kind == 1;

    t->mapped = true;
    t->wide = large ? 1 << 16 : 1 << 12;
    t->frame = ((word & -t->wide) | (va & (t->wide - 1))) >> 12;
    if (subpages(r)) {
        t->ap = word >> (4 + 2 * (kind == 3 ? 0 : va >> (large ? 14 : 10) & 3)) & 3;
        t->type = by_cb(word);
        return;
    }
    t->ap = (word >> 4 & 3) | (word >> 7 & 4);
    t->never_execute = large ? word >> 15 & 1 : word & 1;
    t->global = !(word >> 11 & 1);
    t->type = vmsa_type(r, large ? word >> 12 & 7 : word >> 6 & 7, word);
}

struct translation decode(struct registers const *r, u32 va, u32 l1, u32 l1_pa, u32 l2)
{
    struct translation t = {.l1 = l1, .l1_pa = l1_pa, .l2 = l2, .global = true};
    bool const fine = (l1 & 3) == 3;

    if ((l1 & 3) == 2)
        decode_section(&t, r, va);
    else if ((l1 & 3) == 1 || (fine && subpages(r))) {
        t.domain = l1 >> 5 & 15;
        t.l2_pa = fine ? (l1 & ~0xfffu) | (va >> 8 & 0xffc) : (l1 & ~0x3ffu) | (va >> 10 & 0x3fc);
        if (l2 & 3)
            decode_page(&t, r, va);
    }
    return t;
}

struct translation walk(struct registers const *r, u32 va)
{
    u32 const n = r->ttbcr & 7;
    bool const low = !n || !(va >> (32 - n));
    u32 const base = low ? r->ttbr0 & -(1u << (14 - n)) : r->ttbr1 & ~0x3fffu;
    u32 const l1_pa = base | (va >> 18 & (low ? (1u << (14 - n)) - 4 : 0x3ffc));
    struct translation const first = decode(r, va, ram_word(l1_pa), l1_pa, 0);

    return first.l2_pa ? decode(r, va, first.l1, l1_pa, ram_word(first.l2_pa)) : first;
}

/* Access permissions of a client of the domain (DDI 0100I B4.3, DDI 0406C table B3-8). */
static bool client(struct registers const *r, struct translation const *t, struct access const *a)
{
    if (!subpages(r) && a->fetch && t->never_execute)
        return false;
    if (!subpages(r) && r->sctlr & SCTLR_AFE && !(t->ap & 1))
        return false;
    switch (!subpages(r) && r->sctlr & SCTLR_AFE ? t->ap | 1 : t->ap) {
    case 0:
        if (r->sctlr & SCTLR_R)
            return !a->write && !(r->sctlr & SCTLR_S);
        return r->sctlr & SCTLR_S && !a->write && !a->user;
    case 1: return !a->user;
    case 2: return !a->user || !a->write;
    case 3: return true;
    case 5: return !a->user && !a->write;
    default: return !a->write;
    }
}

bool permitted(struct registers const *r, struct translation const *t, struct access const *access)
{
    unsigned const domain = r->dacr >> 2 * t->domain & 3;

    return t->mapped && (domain == 3 || (domain == 1 && client(r, t, access)));
}

bool same_memory(struct translation const *a, struct translation const *b)
{
    return a->type.cached == b->type.cached && a->type.write_back == b->type.write_back &&
           a->type.buffered == b->type.buffered;
}
