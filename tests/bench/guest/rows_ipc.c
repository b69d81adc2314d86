/* SPDX-License-Identifier: Apache-2.0 */
/* Round trips between two processes. */
#define _GNU_SOURCE
#include "bench.h"

#include <sys/socket.h>
#include <unistd.h>

static int there[2], back[2];
static pid_t partner;

static void echo(int in, int out)
{
    char c;

    while (read(in, &c, 1) == 1 && write(out, &c, 1) == 1)
        ;
    _exit(0);
}

static void start_pipes(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    make_pipe(there);
    make_pipe(back);
    partner = start_child();
    if (!partner) {
        close(there[1]);
        echo(there[0], back[1]);
    }
}

static void start_sockets(const struct row *row, unsigned total)
{
    int ends[2];

    (void)row, (void)total;
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    there[0] = back[1] = ends[1];
    there[1] = back[0] = ends[0];
    partner = start_child();
    if (!partner) {
        close(ends[0]);
        echo(ends[1], ends[1]);
    }
}

static double round_trips(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        send_byte(there[1]);
        receive_byte(back[0]);
    }
    return 0;
}

static void stop_partner(const struct row *row)
{
    (void)row;
    end_child(partner);
    close(there[0]);
    close(there[1]);
    if (back[0] != there[1]) {
        close(back[0]);
        close(back[1]);
    }
}

const struct row ipc_rows[] = {
    {.name = "pipe", .n = 3000, .run = round_trips, .setup = start_pipes, .cleanup = stop_partner},
    {.name = "af_unix", .n = 2500, .run = round_trips, .setup = start_sockets, .cleanup = stop_partner},
    {0},
};
