// SPDX-License-Identifier: Apache-2.0
// What the witnesses of both kinds of guest have in common: a pattern in memory, how they complain, and the
// key that ends them. A part of the file that includes it.
#ifndef PATTERN_H
#define PATTERN_H
#include "base.h"

enum { PATTERN_SIZE = 4 << 20, TICKS_PER_LINE = 10, UART_FR = 0x18, UART_EMPTY = 1 << 4 };

static bool sound = true;

/// Where the guest has the pattern: its own to say.
static u32 *words(void);

static u32 pattern(u32 index) { return index * 0x9e3779b1u ^ 0x5a17e55u; }

static void complain(char const *what, u32 value)
{
    print("witness: FAIL %s %x\n", what, value);
    sound = false;
}

static void check_pattern(u32 first, u32 count)
{
    for (u32 n = first; n != first + count; ++n) {
        if (words()[n] != pattern(n)) {
            complain("memory changed at word", n);
            words()[n] = pattern(n);
        }
    }
}

static bool asked_to_end(void) { return !(*uart(UART_FR) & UART_EMPTY) && (*uart(0) & 0xff) == 'q'; }

#endif
