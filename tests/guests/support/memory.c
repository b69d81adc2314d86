// SPDX-License-Identifier: Apache-2.0
// What the compiler calls of the C library.
#include "base.h"

#pragma GCC optimize("no-tree-loop-distribute-patterns")

void *memcpy(void *to, void const *from, size_t size)
{
    for (size_t n = 0; n != size; ++n)
        ((char *)to)[n] = ((char const *)from)[n];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    for (size_t n = 0; n != size; ++n)
        ((char *)to)[n] = (char)value;
    return to;
}
