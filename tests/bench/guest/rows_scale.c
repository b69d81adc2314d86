/* SPDX-License-Identifier: Apache-2.0 */
/* What grows with what is there already: memory that lies far apart, processes that wait, a large program. */
#define _GNU_SOURCE
#include "scale.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1u << 20)
#define MOST_MEGABYTES 2048
#define TOUCHES 4096
#define MOST_PROCESSES 1000
#define DYNAMIC "/usr/bin/perl"

extern char **environ;

static char *area;
static pid_t others[MOST_PROCESSES];

/* One page in each megabyte: whole passes over the area. */
static double touch(const struct row *row, unsigned n)
{
    for (unsigned passes = n / row->a; passes--;)
        for (char *page = area, *end = area + (size_t)row->a * MIB; page != end; page += MIB)
            ++*(unsigned volatile *)page;
    return 0;
}

static void map_sparse(const struct row *row, unsigned total)
{
    (void)total;
    area = map((size_t)row->a * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    touch(row, row->a);
}

static void unmap_sparse(const struct row *row) { munmap(area, (size_t)row->a * MIB); }

static void start_waiting(const struct row *row, unsigned total)
{
    (void)total;
    for (int i = 0; i < row->a; i++) {
        others[i] = start_child();
        if (!others[i])
            for (;;)
                pause();
    }
}

static void stop_waiting(const struct row *row)
{
    for (int i = 0; i < row->a; i++)
        end_child(others[i]);
}

static bool has_dynamic(void) { return !access(DYNAMIC, X_OK); }

/* A program that does nothing, once its interpreter and libraries are loaded and it has set itself up. */
static double exec_dynamic(const struct row *row, unsigned n)
{
    static char *const arguments[] = {DYNAMIC, "-e", "0", NULL};
    int status;

    (void)row;
    while (n--) {
        pid_t const child = start_child();

        if (!child) {
            execve(DYNAMIC, arguments, environ);
            _exit(127);
        }
        check(waitpid(child, &status, 0), "waitpid");
        check(status ? -1 : 0, DYNAMIC);
    }
    return 0;
}

static bool sparse_row(char const *name, struct row *row)
{
    if (!numbers_in(name, "sparse_#m", &row->a, NULL))
        return false;
    if (row->a < 1 || row->a > MOST_MEGABYTES)
        return false;
    row->n = (TOUCHES + row->a - 1) / row->a * row->a;
    row->warm_up = row->a;
    row->setup = map_sparse;
    row->run = touch;
    row->cleanup = unmap_sparse;
    return true;
}

static bool beside_row(char const *name, struct row *row)
{
    if (!numbers_in(name, "fork_exit_beside_#", &row->a, NULL))
        return false;
    if (row->a < 0 || row->a > MOST_PROCESSES)
        return false;
    row->n = 24;
    row->warm_up = 6;
    row->setup = start_waiting;
    row->run = fork_exit;
    row->cleanup = stop_waiting;
    return true;
}

bool scale_row(char const *name, struct row *row)
{
    if (!strcmp(name, "exec_dynamic")) {
        *row = (struct row) {.n = 8, .warm_up = 2, .run = exec_dynamic, .possible = has_dynamic};
        return true;
    }
    return sparse_row(name, row) || beside_row(name, row);
}
