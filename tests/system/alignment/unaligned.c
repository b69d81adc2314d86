// SPDX-License-Identifier: Apache-2.0
// `unaligned COUNT KINDS` makes so many unaligned accesses of the first kinds, each after a system call.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static uint8_t bytes[32] __attribute__((aligned(8)));
static int signals, strange;

static void caught(int number, siginfo_t *info, void *context)
{
    (void)number;
    ++signals;
    strange += info->si_code != BUS_ADRALN || info->si_addr != bytes + 1;
    ((ucontext_t *)context)->uc_mcontext.arm_pc += 4;
}

static void load_word(uint32_t *out)
{
    __asm__ volatile("ldr %0, [%1]" : "+r"(out[0]) : "r"(bytes + 1) : "memory");
}
static void load_half(uint32_t *out)
{
    __asm__ volatile("ldrh %0, [%1]" : "+r"(out[0]) : "r"(bytes + 1) : "memory");
}

static void store_word(uint32_t *out)
{
    uint8_t const kept[4] = {bytes[1], bytes[2], bytes[3], bytes[4]};
    __asm__ volatile("str %0, [%1]" : : "r"(0x64636261), "r"(bytes + 1) : "memory");
    memcpy(out, bytes + 1, 4);
    memcpy(bytes + 1, kept, 4);
}

static void load_double(uint32_t *out)
{
    register uint32_t a __asm__("r4") = 0, b __asm__("r5") = 0;
    __asm__ volatile("ldrd r4, r5, [%2]" : "+r"(a), "+r"(b) : "r"(bytes + 1) : "memory");
    out[0] = a, out[1] = b;
}

static void load_multiple(uint32_t *out)
{
    register uint32_t a __asm__("r4") = 0, b __asm__("r5") = 0;
    __asm__ volatile("ldmia %2, {r4, r5}" : "+r"(a), "+r"(b) : "r"(bytes + 1) : "memory");
    out[0] = a, out[1] = b;
}

static struct {
    void (*access)(uint32_t *out);
    uint32_t result[2];
} const kinds[] = {
    {load_word, {0x04030201, 0}},
    {load_half, {0x0201, 0}},
    {store_word, {0x64636261, 0}},
    {load_double, {0x04030201, 0x08070605}},
    {load_multiple, {0x04030201, 0x08070605}},
};

int main(int argc, char **argv)
{
    int const count = argc == 3 ? atoi(argv[1]) : 0, used = argc == 3 ? atoi(argv[2]) : 0;
    int wrong = 0;
    struct sigaction const action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    for (unsigned n = 0; n != sizeof bytes; ++n)
        bytes[n] = n;
    for (int n = 0; n != count; ++n) {
        for (int kind = 0; kind != used; ++kind) {
            uint32_t out[2] = {0, 0};
            syscall(SYS_getppid);
            kinds[kind].access(out);
            wrong += memcmp(out, kinds[kind].result, sizeof out) != 0;
        }
    }
    printf("%d wrong, %d signals, %d strange\n", wrong, signals, strange);
    return 0;
}
