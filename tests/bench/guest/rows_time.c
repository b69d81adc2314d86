/* SPDX-License-Identifier: Apache-2.0 */
/* How late timers are: the results are times between what was asked for and what happened, in ns. */
#define _GNU_SOURCE
#include "bench.h"
#include "marker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>

#define MILLISECOND 1000000

static timer_t timer;
static volatile int64_t fired_at;

static struct timespec time_of(int64_t ns)
{
    return (struct timespec) {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

/* Linux may delay a sleep by 50 us to join it with another; not these. */
static void be_exact(const struct row *row, unsigned total)
{
    (void)row, (void)total;
    check(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0), "prctl");
}

static void be_lax(const struct row *row)
{
    (void)row;
    prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0);
}

static double sleep_relative(const struct row *row, unsigned n)
{
    int64_t late = 0;

    (void)row;
    for (unsigned i = 0; i < n; i++) {
        struct timespec const one = {.tv_nsec = MILLISECOND};
        int64_t const start = now();

        nanosleep(&one, NULL);
        late += now() - start - MILLISECOND;
    }
    return (double)late / n;
}

/* The processor is idle when the timer expires. */
static double sleep_absolute(const struct row *row, unsigned n)
{
    int64_t late = 0;

    (void)row;
    for (unsigned i = 0; i < n; i++) {
        int64_t const at = now() + MILLISECOND + i * 37; /* ns: at all phases of the timer's clock */
        struct timespec const t = time_of(at);

        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        MARK_EVENT();
        late += now() - at;
    }
    return (double)late / n;
}

static void note_time(int number)
{
    (void)number;
    MARK_EVENT();
    fired_at = now();
}

static void make_timer(const struct row *row, unsigned total)
{
    struct sigaction action = {.sa_handler = note_time};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};

    (void)row, (void)total;
    sigemptyset(&action.sa_mask);
    check(sigaction(SIGALRM, &action, NULL), "sigaction");
    check(timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create");
}

/* The processor is busy in user mode: from the timer's interrupt to the handler that was installed for it. */
static double interrupt(const struct row *row, unsigned n)
{
    int64_t late = 0;

    (void)row;
    for (unsigned i = 0; i < n; i++) {
        int64_t const at = now() + MILLISECOND / 4 + i * 37;
        struct itimerspec const t = {.it_value = time_of(at)};

        fired_at = 0;
        check(timer_settime(timer, TIMER_ABSTIME, &t, NULL), "timer_settime");
        while (!fired_at)
            ;
        late += fired_at - at;
    }
    return (double)late / n;
}

static void drop_timer(const struct row *row)
{
    (void)row;
    timer_delete(timer);
}

const struct row time_rows[] = {
    {.name = "nanosleep_1ms_error", .n = 200, .run = sleep_relative, .setup = be_exact, .cleanup = be_lax},
    {.name = "timer_latency", .n = 200, .run = sleep_absolute, .setup = be_exact, .cleanup = be_lax},
    {.name = "interrupt_latency", .n = 200, .run = interrupt, .setup = make_timer, .cleanup = drop_timer},
    {0},
};
