/* SPDX-License-Identifier: Apache-2.0 */
/* RAM: what is kept about each line, and the values that memory has while something newer is elsewhere. */
#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct machine machine;
static struct line *lines;
static u32 *shadow, *memory; /* what each word was before the last store; what memory has of it */
#define GARBAGE 0xa5a5a5a5u  /* XORed onto the shadow: a store of what lay in RAM at power-on changes it */

/* Zeros, which cost memory when they are looked at: all of RAM is while guests are loaded, so large pages. */
static void *reserve(void *old, size_t old_size, size_t size)
{
    void *room;

    if (old)
        munmap(old, old_size);
    room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        abort();
    madvise(room, size, MADV_HUGEPAGE);
    return room;
}

void model_start(struct core const *core, u8 *ram, u32 base, u32 size, void (*out)(char const *))
{
    u32 const before = machine.ram_size;

    machine = (struct machine) {.core = core, .ram = ram, .ram_base = base, .ram_size = size, .out = out};
    lines = reserve(lines, before / LINE * sizeof *lines, size / LINE * sizeof *lines);
    shadow = reserve(shadow, before, size);
    memory = reserve(memory, before, size);
    reports_reset();
    caches_reset();
    tlb_reset();
    order_reset();
}

bool in_ram(u32 pa) { return pa - machine.ram_base < machine.ram_size; }

u32 ram_word(u32 pa)
{
    u32 word = 0;

    if (in_ram(pa))
        memcpy(&word, machine.ram + ((pa - machine.ram_base) & ~3u), 4);
    return word;
}

struct line *line_at(u32 pa)
{
    u32 const offset = pa - machine.ram_base;

    return offset < machine.ram_size ? &lines[offset / LINE] : NULL;
}

u32 *memory_word(u32 pa) { return &memory[(pa - machine.ram_base) >> 2]; }

u8 take_changes(u32 pa, u8 words, u32 *old)
{
    u32 const first = ((pa - machine.ram_base) & ~(LINE - 1u)) >> 2;
    u8 changed = 0;

    for (unsigned w = 0; w < WORDS; w++) {
        u32 const value = ((u32 const *)machine.ram)[first + w] ^ GARBAGE;

        if (!(words >> w & 1) || shadow[first + w] == value)
            continue;
        old[w] = shadow[first + w] ^ GARBAGE;
        shadow[first + w] = value;
        changed |= 1 << w;
    }
    return changed;
}

void settle(u32 pa, u32 size)
{
    u32 const first = (pa - machine.ram_base) >> 2;

    for (u32 n = first; n != first + (size >> 2); n++)
        shadow[n] = ((u32 const *)machine.ram)[n] ^ GARBAGE;
}

u8 words_of(u32 address, u32 size)
{
    unsigned const first = address >> 2 & 7, last = (address % LINE + size - 1) >> 2;

    return (0xff << first & 0xff) & (0xff >> (7 - (last > 7 ? 7 : last)));
}
