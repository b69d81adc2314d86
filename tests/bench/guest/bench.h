/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the benchmark share: the description
 * of a row, and helpers that end the program on failure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * One measurement. setup and cleanup are not timed. run does `n` operations; what it returns is the result in
 * ns per operation, or 0: then the result is the time that run took, divided by n.
 */
struct row {
    char const *name;
    unsigned n;
    double (*run)(const struct row *, unsigned n);
    void (*setup)(const struct row *, unsigned total); /* total: operations of all runs */
    void (*cleanup)(const struct row *);
    double (*baseline)(const struct row *, unsigned n); /* its time is subtracted */
    bool (*possible)(void);                             /* false: the row is left out */
    unsigned warm_up;                                   /* operations before the measurement; 0: n / 8 */
    bool once;                                          /* no warm-up: run can be called only once */
    int a, b;                                           /* the row's own parameters */
};

extern const struct row syscall_rows[], signal_rows[], ipc_rows[], switch_rows[], process_rows[],
    memory_rows[], time_rows[], hackbench_rows[], cpu_rows[];

/*
 * What a program measures: set_usual.c or set_scale.c. Two programs, because what exec costs depends on how
 * large this one is: rows that are added to the one leave the other's figures as they were.
 */
extern const struct row *const row_groups[]; /* NULL is the last */
/* Makes a row of a name with numbers in it; false: it is no such name, or they are out of range. */
extern bool named_row(char const *name, struct row *);
extern char const set_usage[]; /* which rows there are */

#define HACKBENCH_GROUP 20 /* senders, and as many receivers, where there are several groups */

/* This program's own file, and the argument that makes it end at once. */
extern char own_path[256];
#define END_AT_ONCE "--end-at-once"

int64_t now(void);            /* CLOCK_MONOTONIC in ns */
void consume(unsigned value); /* keeps the compiler from dropping what made the value */

/* Like the calls they are named after; a failure ends the program with a message. */
long check(long result, char const *what);
void *map(size_t size, int protection, int flags, int file);
void make_pipe(int ends[2]);
pid_t start_child(void); /* fork that counts; 0 in the child */
void wait_for(pid_t child);
void end_child(pid_t child); /* kill and wait */
/* A row's run: children that end at once, one after the other. */
double fork_exit(const struct row *, unsigned n);
void send_byte(int file);
void receive_byte(int file);

#define PAGE 4096u
