// SPDX-License-Identifier: Apache-2.0
// Runs the guest's tests and says how each one went.
#include "base.h"
#include <stdarg.h>

void vprint(char const *format, va_list *arguments);
extern struct test const __tests_start[], __tests_end[];
__attribute__((weak)) bool native; // no constant: the compiler must not know it

static struct test const *running;
static bool has_failed;

void fail(char const *format, ...)
{
    if (has_failed)
        return;
    has_failed = true;
    print("FAIL %s: ", running ? running->name : "?");
    va_list arguments;
    va_start(arguments, format);
    vprint(format, &arguments);
    va_end(arguments);
    put('\n');
}

bool failed(void) { return has_failed; }

void equal(u32 actual, u32 expected, char const *what)
{
    if (actual != expected)
        fail("%s is %x, not %x", what, actual, expected);
}

static bool run(struct test const *test)
{
    running = test;
    has_failed = false;
    test->run();
    if (!has_failed)
        print("PASS %s\n", test->name);
    return !has_failed;
}

void run_tests(void)
{
    u32 passed = 0, count = 0;
    for (struct test const *test = __tests_start; test != __tests_end; ++test) {
        if (!(test->arches & ARCH) || (native && (test->arches & NOT_NATIVE)))
            continue;
        ++count;
        passed += run(test);
    }
    print("guest: %u passed, %u failed\n", passed, count - passed);
}

__attribute__((weak)) void guest_main(void)
{
    set_vectors();
    run_tests();
}
