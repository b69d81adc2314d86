// SPDX-License-Identifier: Apache-2.0
// Messages to another guest through memory that both see, by Linux's UIO: `share ask TEXT` sends one and
// prints the answer; `share answer` waits for one and sends it back in capitals. docs/devices.md explains it.
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PENDING, ACK, MASK, BOUND, SEND }; // the ports' registers, by words
enum { PAGE = 4096, BELL = 0, LONGEST = 1024 };

static void *map(int uio, int number)
{
    void *const at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uio, number * PAGE);
    if (at == MAP_FAILED)
        perror("mmap");
    return at == MAP_FAILED ? NULL : at;
}

/// Until the other guest has rung.
static void wait(int uio, uint32_t volatile *ports)
{
    while (!(ports[PENDING] & 1 << BELL)) {
        uint32_t value = 1; // the interrupt is open from now on
        if (write(uio, &value, sizeof value) != sizeof value ||
            read(uio, &value, sizeof value) != sizeof value)
            perror("uio");
    }
    ports[ACK] = 1 << BELL;
}

int main(int count, char **arguments)
{
    int const uio = open("/dev/uio0", O_RDWR);
    uint32_t volatile *const ports = uio < 0 ? NULL : map(uio, 0);
    char *const message = ports ? map(uio, 1) : NULL;
    if (!message || count < 2)
        return 1;
    if (strcmp(arguments[1], "ask") == 0 && count == 3) {
        strncpy(message, arguments[2], LONGEST);
        ports[SEND] = BELL;
        wait(uio, ports);
        puts(message);
    } else {
        wait(uio, ports);
        for (char *c = message; c != message + LONGEST; ++c)
            *c = (char)toupper((unsigned char)*c);
        ports[SEND] = BELL;
    }
    return 0;
}
