/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `scons bench`. */
#include "bench.h"

const struct row *const row_groups[] = {
    syscall_rows, signal_rows, ipc_rows,       switch_rows, process_rows,
    memory_rows,  time_rows,   hackbench_rows, cpu_rows,    NULL,
};

bool named_row(char const *name, struct row *row)
{
    (void)name, (void)row;
    return false;
}

char const set_usage[] = "  ROW a row's name, or its beginning and '*' (default: all rows)\n";
