/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Context switches, as LMbench's lat_ctx measures them: processes in a ring of pipes pass a byte on, and each
 * adds up an array of its own. Subtracted is what the same costs in one process. One operation is one pass.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 16

static int ring[MOST][2], own_pipe[2];
static pid_t others[MOST];
static unsigned *array;

/* One copy of the loop, so that it costs the same everywhere. */
static __attribute__((noinline)) unsigned add_up(size_t words)
{
    unsigned sum = 0;

    for (size_t i = 0; i < words; i++)
        sum += ((unsigned volatile *)array)[i];
    return sum;
}

static size_t words_of(const struct row *row) { return row->b * 1024u / sizeof(unsigned); }

/* Process `i` reads from pipe i - 1 and writes to pipe i. */
static void take_part(const struct row *row, int i)
{
    memset(array, i, row->b * 1024u);
    for (;;) {
        receive_byte(ring[i - 1][0]);
        consume(add_up(words_of(row)));
        send_byte(ring[i][1]);
    }
}

/* `n` passes: the ring goes round n / processes times. */
static double pass(const struct row *row, unsigned n)
{
    for (unsigned round = 0; round < n / row->a; round++) {
        send_byte(ring[0][1]);
        receive_byte(ring[row->a - 1][0]);
        consume(add_up(words_of(row)));
    }
    return 0;
}

static void start_ring(const struct row *row, unsigned total)
{
    (void)total;
    make_pipe(own_pipe);
    array = calloc(row->b + 1, 1024);
    memset(array, 1, row->b * 1024u);
    for (int i = 0; i < row->a; i++)
        make_pipe(ring[i]);
    for (int i = 1; i < row->a; i++) {
        others[i] = start_child();
        if (!others[i])
            take_part(row, i);
    }
    pass(row, row->a); /* now all of them have started */
}

static double pass_to_oneself(const struct row *row, unsigned n)
{
    while (n--) {
        send_byte(own_pipe[1]);
        receive_byte(own_pipe[0]);
        consume(add_up(words_of(row)));
    }
    return 0;
}

static void stop_ring(const struct row *row)
{
    for (int i = 1; i < row->a; i++)
        end_child(others[i]);
    for (int i = 0; i < row->a; i++) {
        close(ring[i][0]);
        close(ring[i][1]);
    }
    close(own_pipe[0]);
    close(own_pipe[1]);
    free(array);
}

#define SWITCH(processes, kib, passes)                                                                       \
    {                                                                                                        \
        .name = "switch_" #processes "p_" #kib "k", .n = passes, .run = pass, .setup = start_ring,           \
        .cleanup = stop_ring, .baseline = pass_to_oneself, .warm_up = 64, .a = processes, .b = kib           \
    }

const struct row switch_rows[] = {
    SWITCH(2, 0, 3200), SWITCH(2, 16, 960),  SWITCH(2, 64, 320),  SWITCH(8, 0, 3200),  SWITCH(8, 16, 960),
    SWITCH(8, 64, 320), SWITCH(16, 0, 3200), SWITCH(16, 16, 960), SWITCH(16, 64, 320), {0},
};
