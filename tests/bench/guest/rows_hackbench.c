/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hackbench: every sender sends every receiver of its group messages of 100 bytes. One operation is one
 * message. The processes are made before and wait for a word.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SMALL 8 /* senders, and as many receivers, of the only group */
#define SIZE 100

static int (*channel)[2], go[2], ready[2];
static pid_t *processes;

static int groups(const struct row *row) { return row->b ? row->b : 1; }
static int senders(const struct row *row) { return row->b ? HACKBENCH_GROUP : SMALL; }

static void open_channel(const struct row *row, int ends[2])
{
    int both[2];

    if (!row->a) {
        make_pipe(ends);
        return;
    }
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, both), "socketpair");
    ends[0] = both[0];
    ends[1] = both[1];
}

static void wait_for_go(void)
{
    send_byte(ready[1]);
    receive_byte(go[0]);
}

static void receive(int in, unsigned messages)
{
    char data[SIZE];

    wait_for_go();
    while (messages--)
        for (size_t got = 0; got < SIZE;)
            got += check(read(in, data + got, SIZE - got), "read");
    _exit(0);
}

static void send_all(int const (*to)[2], int receivers, unsigned loops)
{
    char data[SIZE];

    memset(data, 'm', SIZE);
    wait_for_go();
    while (loops--)
        for (int r = 0; r < receivers; r++)
            check(write(to[r][1], data, SIZE) == SIZE ? 0 : -1, "write");
    _exit(0);
}

/* The receivers come first: `i` counts all processes. */
static void be_process(const struct row *row, int i, unsigned loops)
{
    int const size = senders(row), receivers = groups(row) * size;

    if (i < receivers)
        receive(channel[i][0], loops * size);
    i -= receivers;
    send_all((int const(*)[2])channel + i / size * size, size, loops);
}

static void start_processes(const struct row *row, unsigned total)
{
    int const receivers = groups(row) * senders(row);
    unsigned const loops = total / (receivers * senders(row));

    channel = calloc(receivers, sizeof(*channel));
    processes = calloc(2 * receivers, sizeof(*processes));
    make_pipe(go);
    make_pipe(ready);
    for (int r = 0; r < receivers; r++)
        open_channel(row, channel[r]);
    for (int i = 0; i < 2 * receivers; i++) {
        processes[i] = start_child();
        if (!processes[i])
            be_process(row, i, loops);
    }
    for (int i = 0; i < 2 * receivers; i++)
        receive_byte(ready[0]);
}

static double exchange(const struct row *row, unsigned n)
{
    int const all = 2 * groups(row) * senders(row);

    (void)n;
    for (int i = 0; i < all; i++)
        send_byte(go[1]);
    for (int i = 0; i < all; i++)
        wait_for(processes[i]);
    return 0;
}

static void close_channels(const struct row *row)
{
    for (int r = 0; r < groups(row) * senders(row); r++) {
        close(channel[r][0]);
        close(channel[r][1]);
    }
    close(go[0]);
    close(go[1]);
    close(ready[0]);
    close(ready[1]);
    free(channel);
    free(processes);
}

#define HACKBENCH(title, sockets)                                                                            \
    {                                                                                                        \
        .name = title, .n = SMALL * SMALL * 60, .run = exchange, .setup = start_processes,                   \
        .cleanup = close_channels, .once = true, .a = sockets                                                \
    }

const struct row hackbench_rows[] = {HACKBENCH("hackbench_pipe", 0), HACKBENCH("hackbench_socket", 1), {0}};
