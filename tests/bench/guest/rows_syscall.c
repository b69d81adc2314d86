/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that neither block nor touch page tables. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int file;
static int files[100];

static double null_call(const struct row *row, unsigned n)
{
    (void)row;
    while (n--)
        syscall(SYS_getppid);
    return 0;
}

static double get_time_of_day(const struct row *row, unsigned n)
{
    struct timeval t;

    (void)row;
    while (n--)
        gettimeofday(&t, NULL);
    return 0;
}

static double get_clock(const struct row *row, unsigned n)
{
    struct timespec t;

    (void)row;
    while (n--)
        clock_gettime(CLOCK_MONOTONIC, &t);
    return 0;
}

static void open_zero(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    file = check(open("/dev/zero", O_RDWR), "/dev/zero");
}

static void open_null(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    file = check(open("/dev/null", O_RDWR), "/dev/null");
}

static void open_own(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    file = check(open(own_path, O_RDONLY), own_path);
}

static void close_file(const struct row *row)
{
    (void)row;
    close(file);
}

static double read_byte(const struct row *row, unsigned n)
{
    char c;

    (void)row;
    while (n--)
        check(read(file, &c, 1), "read");
    return 0;
}

static double write_byte(const struct row *row, unsigned n)
{
    char c = 0;

    (void)row;
    while (n--)
        check(write(file, &c, 1), "write");
    return 0;
}

static double stat_path(const struct row *row, unsigned n)
{
    struct stat s;

    (void)row;
    while (n--)
        check(stat(own_path, &s), "stat");
    return 0;
}

static double stat_file(const struct row *row, unsigned n)
{
    struct stat s;

    (void)row;
    while (n--)
        check(fstat(file, &s), "fstat");
    return 0;
}

static double open_close(const struct row *row, unsigned n)
{
    (void)row;
    while (n--)
        close(check(open(own_path, O_RDONLY), "open"));
    return 0;
}

/* Pipes into which nobody writes: no descriptor is ready. */
static void open_many(const struct row *row, unsigned total)
{
    int ends[2];

    (void)total;
    make_pipe(ends);
    file = ends[1];
    files[0] = ends[0];
    for (int i = 1; i < row->a; i++)
        files[i] = check(dup(ends[0]), "dup");
}

static double select_many(const struct row *row, unsigned n)
{
    while (n--) {
        struct timeval none = {0, 0};
        fd_set set;

        FD_ZERO(&set);
        for (int i = 0; i < row->a; i++)
            FD_SET(files[i], &set);
        check(select(files[row->a - 1] + 1, &set, NULL, NULL, &none), "select");
    }
    return 0;
}

static void close_many(const struct row *row)
{
    for (int i = 0; i < row->a; i++)
        close(files[i]);
    close(file);
}

static double yield(const struct row *row, unsigned n)
{
    (void)row;
    while (n--)
        sched_yield();
    return 0;
}

const struct row syscall_rows[] = {
    {.name = "null_call", .n = 100000, .run = null_call},
    {.name = "gettimeofday", .n = 50000, .run = get_time_of_day},
    {.name = "clock_gettime", .n = 50000, .run = get_clock},
    {.name = "read_1", .n = 40000, .run = read_byte, .setup = open_zero, .cleanup = close_file},
    {.name = "write_1", .n = 40000, .run = write_byte, .setup = open_null, .cleanup = close_file},
    {.name = "stat", .n = 8000, .run = stat_path},
    {.name = "fstat", .n = 20000, .run = stat_file, .setup = open_own, .cleanup = close_file},
    {.name = "open_close", .n = 5000, .run = open_close},
    {.name = "select_10", .n = 5000, .run = select_many, .setup = open_many, .cleanup = close_many, .a = 10},
    {.name = "select_100",
     .n = 1500,
     .run = select_many,
     .setup = open_many,
     .cleanup = close_many,
     .a = 100},
    {.name = "sched_yield", .n = 30000, .run = yield},
    {0},
};
