// SPDX-License-Identifier: Apache-2.0
// What a read of a disk past the page cache costs, one at a time: prints "BYTES NANOSECONDS" by sizes.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 200, LARGEST = 131072, DISK = 8 << 20 };

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(void)
{
    int const disk = open("/dev/vda", O_RDONLY | O_DIRECT);
    void *buffer;
    if (disk < 0 || posix_memalign(&buffer, 4096, LARGEST))
        return 1;
    for (int size = 512; size <= LARGEST; size *= size < 4096 ? 8 : 2) {
        long long start = 0;
        for (int n = -10; n != MANY; ++n) {
            if (n == 0)
                start = now();
            if (pread(disk, buffer, size, (n + 10) * (long)size % DISK) != size)
                return 1;
        }
        printf("%d %lld\n", size, (now() - start) / MANY);
    }
    return 0;
}
