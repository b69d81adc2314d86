/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of scale.py, which are made from their names. */
#include "scale.h"

#include <stdlib.h>

#define LOOPS 5
#define MOST_TASKS 400

const struct row *const row_groups[] = {NULL};

bool numbers_in(char const *name, char const *pattern, int *first, int *second)
{
    int *number = first;

    for (; *pattern; pattern++) {
        if (*pattern == '#' && *name >= '0' && *name <= '9') {
            *number = strtol(name, (char **)&name, 10);
            number = second;
        } else if (*name++ != *pattern) {
            return false;
        }
    }
    return !*name;
}

/* Groups that talk by pipes. */
static bool hackbench_row(char const *name, struct row *row)
{
    int const of_group = 2 * HACKBENCH_GROUP;
    int tasks;

    if (!numbers_in(name, "hackbench_#", &tasks, NULL))
        return false;
    if (tasks < of_group || tasks > MOST_TASKS || tasks % of_group)
        return false;
    *row = hackbench_rows[0];
    row->b = tasks / of_group;
    row->n = row->b * HACKBENCH_GROUP * HACKBENCH_GROUP * LOOPS;
    return true;
}

bool named_row(char const *name, struct row *row)
{
    return ring_row(name, row) || scale_row(name, row) || hackbench_row(name, row);
}

char const set_usage[] = "  ROW with any numbers: ring_64p_3l (processes, megabytes of each), sparse_256m,\n"
                         "      fork_exit_beside_100, hackbench_400; or exec_dynamic\n";
