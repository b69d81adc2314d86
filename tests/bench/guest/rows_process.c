/* SPDX-License-Identifier: Apache-2.0 */
/* Making processes. What is run is this program, told to end at once. */
#define _GNU_SOURCE
#include "bench.h"

#include <unistd.h>

extern char **environ;

static char *const own_arguments[] = {own_path, END_AT_ONCE, NULL};

static double fork_exec(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        pid_t const child = start_child();

        if (!child) {
            execve(own_path, own_arguments, environ);
            _exit(1);
        }
        wait_for(child);
    }
    return 0;
}

static double vfork_exec(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        pid_t const child = vfork();

        if (!child) {
            execve(own_path, own_arguments, environ);
            _exit(1);
        }
        wait_for(check(child, "vfork"));
    }
    return 0;
}

static double fork_shell(const struct row *row, unsigned n)
{
    char command[sizeof(own_path) + sizeof(END_AT_ONCE)];
    char *const arguments[] = {"sh", "-c", command, NULL};
    char *end = command;

    (void)row;
    for (char const *c = own_path; *c;)
        *end++ = *c++;
    *end++ = ' ';
    for (char const *c = END_AT_ONCE; (*end++ = *c); c++)
        ;
    while (n--) {
        pid_t const child = start_child();

        if (!child) {
            execve("/bin/sh", arguments, environ);
            _exit(1);
        }
        wait_for(child);
    }
    return 0;
}

const struct row process_rows[] = {
    {.name = "fork_exit", .n = 150, .run = fork_exit},
    {.name = "fork_exec", .n = 60, .run = fork_exec},
    {.name = "vfork_exec", .n = 60, .run = vfork_exec},
    {.name = "fork_sh", .n = 40, .run = fork_shell},
    {0},
};
