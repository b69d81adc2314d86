/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hackbench: every sender sends every receiver messages of 100 bytes. One operation is one message. The
 * processes are made before and wait for a word.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENDERS 8
#define RECEIVERS 8
#define SIZE 100

static int channel[RECEIVERS][2], go[2], ready[2];
static pid_t processes[SENDERS + RECEIVERS];

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

static void send_all(unsigned loops)
{
    char data[SIZE];

    memset(data, 'm', SIZE);
    wait_for_go();
    while (loops--)
        for (int r = 0; r < RECEIVERS; r++)
            check(write(channel[r][1], data, SIZE) == SIZE ? 0 : -1, "write");
    _exit(0);
}

static void start_processes(const struct row *row, unsigned total)
{
    unsigned const loops = total / (SENDERS * RECEIVERS);

    make_pipe(go);
    make_pipe(ready);
    for (int r = 0; r < RECEIVERS; r++)
        open_channel(row, channel[r]);
    for (int i = 0; i < SENDERS + RECEIVERS; i++) {
        processes[i] = start_child();
        if (processes[i])
            continue;
        if (i < RECEIVERS)
            receive(channel[i][0], loops * SENDERS);
        send_all(loops);
    }
    for (int i = 0; i < SENDERS + RECEIVERS; i++)
        receive_byte(ready[0]);
}

static double exchange(const struct row *row, unsigned n)
{
    (void)row, (void)n;
    for (int i = 0; i < SENDERS + RECEIVERS; i++)
        send_byte(go[1]);
    for (int i = 0; i < SENDERS + RECEIVERS; i++)
        wait_for(processes[i]);
    return 0;
}

static void close_channels(const struct row *row)
{
    (void)row;
    for (int r = 0; r < RECEIVERS; r++) {
        close(channel[r][0]);
        close(channel[r][1]);
    }
    close(go[0]);
    close(go[1]);
    close(ready[0]);
    close(ready[1]);
}

#define HACKBENCH(title, sockets)                                                                            \
    {                                                                                                        \
        .name = title, .n = SENDERS * RECEIVERS * 60, .run = exchange, .setup = start_processes,             \
        .cleanup = close_channels, .once = true, .a = sockets                                                \
    }

const struct row hackbench_rows[] = {HACKBENCH("hackbench_pipe", 0), HACKBENCH("hackbench_socket", 1), {0}};
