/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: installing a handler, getting one, and getting one from a forbidden access. */
#define _GNU_SOURCE
#include "bench.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned volatile caught, wanted;
static char *page;

static void set_handler(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigemptyset(&action.sa_mask);
    check(sigaction(number, &action, NULL), "sigaction");
}

static void count(int number)
{
    (void)number;
    caught++;
}

static double install(const struct row *row, unsigned n)
{
    (void)row;
    while (n--)
        set_handler(SIGUSR1, count);
    return 0;
}

static void expect_signal(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    set_handler(SIGUSR1, count);
}

static double deliver(const struct row *row, unsigned n)
{
    pid_t const me = getpid();

    (void)row;
    while (n--)
        kill(me, SIGUSR1);
    return 0;
}

/* The store faults again after every return, until there were enough. */
static void count_faults(int number)
{
    (void)number;
    if (++caught >= wanted)
        mprotect(page, PAGE, PROT_READ | PROT_WRITE);
}

static void make_page(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    *page = 1;
    set_handler(SIGSEGV, count_faults);
}

static double fault(const struct row *row, unsigned n)
{
    (void)row;
    check(mprotect(page, PAGE, PROT_READ), "mprotect");
    caught = 0;
    wanted = n;
    *(char volatile *)page = 2;
    return 0;
}

static void drop_page(const struct row *row)
{
    (void)row;
    set_handler(SIGSEGV, SIG_DFL);
    munmap(page, PAGE);
}

const struct row signal_rows[] = {
    {.name = "signal_install", .n = 30000, .run = install},
    {.name = "signal_delivery", .n = 5000, .run = deliver, .setup = expect_signal},
    {.name = "protection_fault", .n = 5000, .run = fault, .setup = make_page, .cleanup = drop_page},
    {0},
};
