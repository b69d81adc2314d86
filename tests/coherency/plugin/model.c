/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine does, in the model's terms. */
#include "model.h"

static struct memory_type data_type(struct memory_type type)
{
    if ((machine.now.sctlr & (SCTLR_M | SCTLR_C)) == (SCTLR_M | SCTLR_C))
        return type;
    return (struct memory_type) {.buffered = type.buffered};
}

/* The part of an access that lies in one line. */
static void in_line(struct access const *access, u32 va, u32 size)
{
    struct access part = *access;
    struct place place;

    part.va = va;
    place = tlb_translate(&part);
    if (!place.mapped || !in_ram(place.pa))
        return;
    if (access->write)
        data_store(&part, place.pa, words_of(place.pa, size), data_type(place.type));
    else
        data_load(&part, place.pa, words_of(place.pa, size), data_type(place.type));
}

void model_data(struct access const *access)
{
    u32 const first = LINE - access->va % LINE;

    machine.pc = access->pc;
    order_access(access);
    if (access->size <= first) {
        in_line(access, access->va, access->size);
    } else {
        in_line(access, access->va, first);
        in_line(access, access->va + first, access->size - first);
    }
}

void model_fetch(u32 va, u32 size, bool user)
{
    struct access access = {.va = va, .pc = va, .size = 4, .fetch = true, .user = user};
    u32 const end = va + size;

    machine.pc = va;
    order_access(&access);
    while (access.va < end) {
        u32 const rest = LINE - access.va % LINE, part = end - access.va < rest ? end - access.va : rest;
        struct place const place = tlb_translate(&access);
        bool const on = machine.now.sctlr & SCTLR_I;
        struct memory_type type = {.cached = on && (place.type.cached || !(machine.now.sctlr & SCTLR_M))};

        if (place.mapped && in_ram(place.pa))
            code_fetch(access.va, place.pa, words_of(place.pa, part), type);
        access.va += part;
    }
}

void model_fault(struct access const *access)
{
    machine.pc = access->pc;
    order_access(access);
    tlb_fault(access);
}

/* A return from an exception synchronizes. */
void model_user_entered(void)
{
    machine.user = true;
    synchronize();
    tlb_returns_to_user();
}

void model_exception_taken(void)
{
    machine.user = false;
    synchronize();
}
