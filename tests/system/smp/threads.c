// SPDX-License-Identifier: Apache-2.0
// Threads and processes that find their own thread-local and floating-point values after each switch.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread long volatile mine;

static void *work(void *argument)
{
    long const number = mine = (long)argument;
    double volatile value = number * 1.5;
    for (int i = 0; i < 500; ++i) {
        sched_yield();
        if (mine != number || value != number * 1.5)
            return argument;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[8];
    int wrong = 0;
    for (long i = 0; i < 8; ++i)
        pthread_create(&threads[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 8; ++i) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += result != NULL;
    }
    for (int i = 0; i < 50; ++i) {
        mine = i;
        pid_t const child = fork();
        if (child == 0)
            _exit(sched_yield() || mine != i);
        int status;
        waitpid(child, &status, 0);
        wrong += status != 0;
    }
    printf("%d wrong\n", wrong);
    return wrong;
}
