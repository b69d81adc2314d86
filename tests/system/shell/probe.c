// SPDX-License-Identifier: Apache-2.0
// A guest process that touches what it must not: `probe KIND ADDRESS` says what came of it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile uintptr_t fault_address;

static void caught(int number, siginfo_t *info, void *context)
{
    (void)context;
    fault_address = (uintptr_t)info->si_addr;
    siglongjmp(back, number);
}

__attribute__((target("thumb"), noinline)) static uint32_t thumb_load(uint32_t volatile *p) { return *p; }

// Every way for the kernel to touch user memory that has its own code: 1,
// 2, 4, 8 bytes and blocks, both directions. Each has to end with EFAULT,
// for a user without rights. Returns the number of those that did not.
static int kernel_accesses(void *bad)
{
    int wrong = 0, pipes[2];
    struct iovec iov = {bad, 64};
    if (pipe(pipes) || setuid(1000)) {
        return 100;
    }
#define EFAULTS(call)                                                                                        \
    do {                                                                                                     \
        errno = 0;                                                                                           \
        if ((call) != -1 || errno != EFAULT) {                                                               \
            printf("%s: errno %d\n", #call, errno);                                                          \
            ++wrong;                                                                                         \
        }                                                                                                    \
    } while (0)
    EFAULTS(write(pipes[1], bad, 64));
    EFAULTS(write(pipes[1], bad, 1));
    if (write(pipes[1], "0123456789", 10) != 10) {
        return 101;
    }
    EFAULTS(ioctl(pipes[0], FIONREAD, bad));
    EFAULTS(ioctl(pipes[0], FIONBIO, bad));
    EFAULTS(read(pipes[0], bad, 4));
    EFAULTS(writev(pipes[1], &iov, 1));
    EFAULTS(readv(pipes[0], &iov, 1));
    EFAULTS(syscall(SYS_writev, pipes[1], bad, 1));
    EFAULTS(open(bad, O_RDONLY));
    EFAULTS(syscall(SYS_stat64, "/", bad));
    EFAULTS(syscall(SYS_gettimeofday, bad, NULL));
    EFAULTS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, bad));
    EFAULTS(syscall(SYS_nanosleep, bad, NULL));
    EFAULTS(syscall(SYS_pipe, bad));
    EFAULTS(syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8));
    EFAULTS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8));
    EFAULTS(syscall(SYS_getcwd, bad, 4096));
    EFAULTS(syscall(SYS_uname, bad));
    EFAULTS(syscall(SYS_times, bad));
    EFAULTS(syscall(SYS__llseek, open("/proc/version", O_RDONLY), 0, 0, bad, SEEK_SET));
    EFAULTS(syscall(SYS_getresuid32, bad, bad, bad));
    EFAULTS(syscall(SYS_execve, "/bin/true", bad, bad));
    return wrong;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: probe load|thumb|store|byte|swap|jump|kernel ADDRESS\n");
        return 2;
    }
    uintptr_t const address = strtoul(argv[2], NULL, 0);
    uint32_t volatile *const word = (uint32_t volatile *)address;
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    int const number = sigsetjmp(back, 1);
    if (number) {
        printf("signal %d at %#lx\n", number, (unsigned long)fault_address);
        return number;
    }
    if (!strcmp(argv[1], "load")) {
        printf("%#x\n", (unsigned)*word);
    } else if (!strcmp(argv[1], "thumb")) {
        printf("%#x\n", (unsigned)thumb_load(word));
    } else if (!strcmp(argv[1], "store")) {
        *word = 0x12345678;
    } else if (!strcmp(argv[1], "byte")) {
        *(uint8_t volatile *)address = 0x12;
    } else if (!strcmp(argv[1], "swap")) {
        uint32_t old;
        __asm__ volatile("swp %0, %1, [%2]" : "=&r"(old) : "r"(1), "r"(address) : "memory");
    } else if (!strcmp(argv[1], "jump")) {
        ((void (*)(void))address)();
    } else if (!strcmp(argv[1], "kernel")) {
        int const wrong = kernel_accesses((void *)address);
        printf("%d wrong\n", wrong);
        return wrong != 0;
    } else {
        return 2;
    }
    puts("no signal");
    return 0;
}
