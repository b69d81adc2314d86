/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what an operating system's basic operations
 * cost: prints `name ns_per_op` for every row, then a line. */
#define _GNU_SOURCE
#include "bench.h"
#include "marker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

char own_path[256];
static unsigned volatile sink;

static bool with_count, cold;
static unsigned scale = 1;

int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void consume(unsigned value) { sink = value; }

long check(long result, char const *what)
{
    if (result >= 0)
        return result;
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

void *map(size_t size, int protection, int flags, int file)
{
    void *const address = mmap(NULL, size, protection, flags, file, 0);

    check(address == MAP_FAILED ? -1 : 0, "mmap");
    return address;
}

void make_pipe(int ends[2]) { check(pipe(ends), "pipe"); }

pid_t start_child(void) { return check(fork(), "fork"); }

void wait_for(pid_t child) { check(waitpid(child, NULL, 0), "waitpid"); }

void end_child(pid_t child)
{
    kill(child, SIGKILL);
    wait_for(child);
}

double fork_exit(const struct row *row, unsigned n)
{
    (void)row;
    while (n--) {
        pid_t const child = start_child();

        if (!child)
            _exit(0);
        wait_for(child);
    }
    return 0;
}

void send_byte(int file) { check(write(file, "x", 1) == 1 ? 0 : -1, "write"); }

void receive_byte(int file)
{
    char c;

    check(read(file, &c, 1) == 1 ? 0 : -1, "read");
}

/* One run between two clock readings and two markers; the result in ns per operation. */
static double timed(const struct row *row, double (*run)(const struct row *, unsigned), unsigned n,
                    bool baseline)
{
    int64_t const start = now();
    double own;

    if (baseline)
        MARK_BASELINE_START();
    else
        MARK_START();
    own = run(row, n);
    if (baseline)
        MARK_BASELINE_STOP();
    else
        MARK_STOP();
    return own ? own : (double)(now() - start) / n;
}

/* What the kernel has put off, such as freeing closed files (RCU), is done before the measurement. */
static void settle(void)
{
    struct timespec const some_ticks = {.tv_nsec = 50000000};

    nanosleep(&some_ticks, NULL);
}

static void measure(const struct row *row)
{
    unsigned const n = row->n * scale;
    unsigned const warm_up = row->once || cold ? 0 : row->warm_up ? row->warm_up : row->n / 8 + 1;
    double ns = 0;

    if (row->setup)
        row->setup(row, n + warm_up);
    if (row->baseline) {
        row->baseline(row, warm_up);
        ns -= timed(row, row->baseline, n, true);
    }
    if (warm_up)
        row->run(row, warm_up);
    if (!cold)
        settle();
    ns += timed(row, row->run, n, false);
    if (row->cleanup)
        row->cleanup(row);
    printf(with_count ? "%s %.3f %u\n" : "%s %.3f\n", row->name, ns, n);
    fflush(stdout);
}

/* Whether an argument names the row: its name, or a beginning of it that ends in a '*'. */
static bool chosen(const struct row *row, int count, char *const *names)
{
    if (!count)
        return true;
    for (int i = 0; i < count; i++) {
        size_t const length = strlen(names[i]);

        if (!strcmp(names[i], row->name))
            return true;
        if (length && names[i][length - 1] == '*' && !strncmp(names[i], row->name, length - 1))
            return true;
    }
    return false;
}

/* Measures the row with numbers in its name that an argument names; returns how many that were. */
static unsigned measure_named(char const *name)
{
    struct row row = {0};

    if (!named_row(name, &row))
        return 0;
    if (row.possible && !row.possible())
        return 0;
    row.name = name;
    measure(&row);
    return 1;
}

static char const usage[] = "usage: bench [-l] [-n] [-c] [-x TIMES] [-h] [ROW...]\n"
                            "Measures what an operating system's operations cost; prints 'name ns_per_op'.\n"
                            "  -l  list the rows\n"
                            "  -n  print the number of operations behind the result too\n"
                            "  -c  no warm-up\n"
                            "  -x  TIMES as many operations\n"
                            "%s";

int main(int argc, char **argv)
{
    bool list = false;
    unsigned measured = 0, left_out = 0;
    int option;

    if (argc == 2 && !strcmp(argv[1], END_AT_ONCE))
        return 0;
    check(readlink("/proc/self/exe", own_path, sizeof(own_path) - 1), "/proc/self/exe");
    while ((option = getopt(argc, argv, "lnchx:")) != -1) {
        if (option == 'l') {
            list = true;
        } else if (option == 'n') {
            with_count = true;
        } else if (option == 'c') {
            cold = true;
        } else if (option == 'x' && atoi(optarg) > 0) {
            scale = atoi(optarg);
        } else {
            fprintf(option == 'h' ? stdout : stderr, usage, set_usage);
            return option == 'h' ? 0 : 2;
        }
    }
    for (size_t g = 0; row_groups[g]; g++) {
        for (const struct row *row = row_groups[g]; row->name; row++) {
            if (!chosen(row, argc - optind, argv + optind))
                continue;
            if (list) {
                puts(row->name);
            } else if (row->possible && !row->possible()) {
                left_out++;
            } else {
                measure(row);
                measured++;
            }
        }
    }
    if (list)
        return 0;
    for (int i = optind; i < argc; i++)
        measured += measure_named(argv[i]);
    if (!measured && !left_out) {
        fputs("bench: no row has such a name; -l lists them\n", stderr);
        return 2;
    }
    printf("bench: %u rows measured, %u left out\n", measured, left_out);
    return 0;
}
