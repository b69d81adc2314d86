/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many processes: a ring of pipes passes a token, and each process touches its working set before it passes
 * the token on. One operation is one pass; the figure holds the pipe's two calls.
 */
#define _GNU_SOURCE
#include "scale.h"

#include <sys/mman.h>
#include <unistd.h>

#define MIB (1u << 20)
#define PAGES 8           /* that lie together */
#define LEAST 3           /* megabytes: of the program, of the stack, of these pages */
#define MOST_MEGABYTES 64 /* that a process touches */
#define MOST 1000         /* processes */
#define ROUNDS 20
#define WARM_UP_ROUNDS 3

static int first, last; /* where this process puts the token into the ring, and where it comes back */
static pid_t others[MOST];
static char *area, *mapped; /* begins with a megabyte; as it was mapped */

static size_t area_size(const struct row *row) { return (size_t)(row->b - LEAST + 2) * MIB; }

/* The pages that lie together, and one page in each further megabyte. */
static void touch_working_set(const struct row *row)
{
    for (unsigned page = 0; page < PAGES; page++)
        ++*(unsigned volatile *)(area + page * PAGE);
    for (int more = 1; more <= row->b - LEAST; more++)
        ++*(unsigned volatile *)(area + more * MIB);
}

static void take_part(const struct row *row, int in, int out)
{
    char token;

    while (read(in, &token, 1) == 1) {
        touch_working_set(row);
        send_byte(out);
    }
    _exit(0); /* who was before it in the ring has ended */
}

/* A process has the end that it reads from and the one that it writes to, whatever the ring's length. */
static void start_ring(const struct row *row, unsigned total)
{
    int ends[2];

    (void)total;
    mapped = map(area_size(row), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    area = (char *)(((uintptr_t)mapped + MIB - 1) & ~(uintptr_t)(MIB - 1));
    make_pipe(ends);
    last = ends[0];
    first = ends[1];
    for (int i = 1; i < row->a; i++) {
        make_pipe(ends);
        others[i] = start_child();
        if (!others[i]) {
            close(first);
            close(ends[0]);
            take_part(row, last, ends[1]);
        }
        close(last);
        close(ends[1]);
        last = ends[0];
    }
}

/* `n` passes: the token goes round n / processes times. */
static double pass(const struct row *row, unsigned n)
{
    for (unsigned round = 0; round < n / row->a; round++) {
        send_byte(first);
        receive_byte(last);
        touch_working_set(row);
    }
    return 0;
}

static void stop_ring(const struct row *row)
{
    close(first);
    for (int i = 1; i < row->a; i++)
        wait_for(others[i]);
    close(last);
    munmap(mapped, area_size(row));
}

bool ring_row(char const *name, struct row *row)
{
    if (!numbers_in(name, "ring_#p_#l", &row->a, &row->b))
        return false;
    if (row->a < 2 || row->a > MOST || row->b < LEAST || row->b > MOST_MEGABYTES)
        return false;
    row->n = row->a * ROUNDS;
    row->warm_up = row->a * WARM_UP_ROUNDS;
    row->setup = start_ring;
    row->run = pass;
    row->cleanup = stop_ring;
    return true;
}
