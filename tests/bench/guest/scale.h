/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the program for scale.py share, beside bench.h. */
#pragma once

#include "bench.h"

/* Whether a name is the pattern, in which a '#' stands for a number; two of them at most. */
bool numbers_in(char const *name, char const *pattern, int *first, int *second);

/* As named_row(). */
bool ring_row(char const *name, struct row *);  /* ring_64p_3l: processes, and megabytes that each one uses */
bool scale_row(char const *name, struct row *); /* sparse_256m, fork_exit_beside_100, exec_dynamic */
