/* SPDX-License-Identifier: Apache-2.0 */
/* Page tables and faults. The fault rows touch every page once: setup makes enough pages for all runs. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1u << 20)
#define AROUND (16 * PAGE) /* Linux maps this much of a file around a fault */

static int file;
static pid_t sharer;
static char *area;
static size_t area_size, next;

/* A file that is all in memory. */
static void make_file(unsigned size)
{
    char name[] = "/tmp/bench.XXXXXX";
    char block[PAGE];

    memset(block, 'v', sizeof(block));
    file = check(mkstemp(name), name);
    unlink(name);
    for (unsigned i = 0; i < size / PAGE; i++)
        check(write(file, block, sizeof(block)) == sizeof(block) ? 0 : -1, "write");
}

static void make_area(size_t size)
{
    area_size = size;
    next = 0;
    area = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

static void drop_area(const struct row *row)
{
    (void)row;
    munmap(area, area_size);
}

static void prepare_anonymous(const struct row *row, unsigned total)
{
    (void)row;
    make_area((size_t)total * PAGE);
}

static double touch(const struct row *row, unsigned n)
{
    (void)row;
    for (; n--; next += PAGE)
        *(char volatile *)(area + next) = 1;
    return 0;
}

/* A child that keeps the pages: the parent's stores have to copy them. */
static void prepare_copy(const struct row *row, unsigned total)
{
    (void)row;
    make_area((size_t)total * PAGE);
    memset(area, 1, area_size);
    sharer = start_child();
    if (!sharer)
        for (;;)
            pause();
}

static void drop_copy(const struct row *row)
{
    end_child(sharer);
    drop_area(row);
}

/* Every fault finds its page in memory, and maps 16. */
static void prepare_file(const struct row *row, unsigned total)
{
    (void)row;
    area_size = total * AROUND;
    next = 0;
    make_file(area_size);
    area = map(area_size, PROT_READ, MAP_SHARED, file);
}

static double touch_file(const struct row *row, unsigned n)
{
    unsigned sum = 0;

    (void)row;
    for (; n--; next += AROUND)
        sum += *(char volatile *)(area + next);
    consume(sum);
    return 0;
}

static void drop_file(const struct row *row)
{
    drop_area(row);
    close(file);
}

static void prepare_map(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    make_file(4 * MIB);
}

static double map_file(const struct row *row, unsigned n)
{
    unsigned sum = 0;

    (void)row;
    while (n--) {
        char *const m = map(4 * MIB, PROT_READ, MAP_SHARED, file);

        for (unsigned at = 0; at < 4 * MIB; at += PAGE)
            sum += *(char volatile *)(m + at);
        munmap(m, 4 * MIB);
    }
    consume(sum);
    return 0;
}

static void close_file(const struct row *row)
{
    (void)row;
    close(file);
}

/* One page between two that nobody may touch, so that its mapping is never joined with another. */
static void prepare_protect(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    area_size = 3 * PAGE;
    area = map(area_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    check(mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE), "mprotect");
    area[PAGE] = 1;
}

/* Every second call allows stores, which one store proves. */
static double protect(const struct row *row, unsigned n)
{
    (void)row;
    for (unsigned i = 0; i < n; i++) {
        check(mprotect(area + PAGE, PAGE, i & 1 ? PROT_READ | PROT_WRITE : PROT_READ), "mprotect");
        if (i & 1)
            *(char volatile *)(area + PAGE) = 1;
    }
    return 0;
}

const struct row memory_rows[] = {
    {.name = "mprotect", .n = 10000, .run = protect, .setup = prepare_protect, .cleanup = drop_area},
    {.name = "mmap_4m", .n = 24, .run = map_file, .setup = prepare_map, .cleanup = close_file},
    {.name = "fault_anonymous", .n = 2500, .run = touch, .setup = prepare_anonymous, .cleanup = drop_area},
    {.name = "fault_file",
     .n = 224,
     .run = touch_file,
     .setup = prepare_file,
     .cleanup = drop_file,
     .warm_up = 32},
    {.name = "fault_copy", .n = 2000, .run = touch, .setup = prepare_copy, .cleanup = drop_copy},
    {0},
};
