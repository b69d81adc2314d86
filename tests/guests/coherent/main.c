// SPDX-License-Identifier: Apache-2.0
// The same memory cached and not cached: what each CACHE_OP and each CP15 operation on caches is for. QEMU
// keeps these promises without any operation; under the coherency checker (docs/coherency.md) each is needed.
#include "guest.h"

enum {
    CACHED = 0x20100000,
    PLAIN = 0x20200000,
    LINE = 32,
    LINES = 19, // more than a loop that does eight at a time, with a rest
    CB = 3 << 2,
};

static u32 volatile *cached(u32 line) { return (u32 volatile *)(CACHED + line * LINE); }
static u32 volatile *plain(u32 line) { return (u32 volatile *)(PLAIN + line * LINE); }
static u32 value;

static void map_both(void)
{
    mmu_on();
    map_page(l1, CACHED, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    add_to_page(l1, CACHED, CB);
    map_page(l1, PLAIN, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    flush(l1, CACHED, PAGE);
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_ALL, 0, 0), 0, "CACHE_OP");
}

typedef void maintain(u32 lines);

/// What is written through the cache is in memory after the operation.
static void cleans(maintain *operation)
{
    for (u32 lines = 1; lines <= LINES; ++lines) {
        for (u32 n = 0; n != lines; ++n)
            *cached(n) = ++value;
        operation(lines);
        for (u32 n = 0; n != lines; ++n)
            equal(*plain(n), value - lines + n + 1, "a word in memory");
    }
}

/// What is written to memory is read through the cache after the operation; nothing was dirty.
static void invalidates(maintain *operation)
{
    for (u32 lines = 1; lines <= LINES; ++lines) {
        for (u32 n = 0; n != lines; ++n) {
            (void)*cached(n);
            *plain(n) = ++value;
        }
        operation(lines);
        for (u32 n = 0; n != lines; ++n)
            equal(*cached(n), value - lines + n + 1, "a word through the cache");
    }
}

/// Code that is written through the cache runs after the operation, where other code has run before.
static void makes_code(maintain *operation)
{
    for (u32 lines = 1; lines <= LINES; ++lines) {
        for (u32 n = 0; n != lines; ++n) {
            cached(n)[0] = 0xe3a00000 | ((n + lines) & 0xff); // mov r0, #n + lines
            cached(n)[1] = 0xe12fff1e;                        // bx lr
        }
        operation(lines);
        for (u32 n = 0; n != lines; ++n)
            equal(((u32(*)(void))cached(n))(), n + lines, "what the code returns");
    }
}

static void call(u32 op, u32 lines) { equal((u32)CALL3(CACHE_OP, op, CACHED, lines * LINE), 0, "CACHE_OP"); }
static void call_clean(u32 lines) { call(VAMBRACE_CACHE_CLEAN, lines); }
static void call_invalidate(u32 lines) { call(VAMBRACE_CACHE_INVALIDATE, lines); }
static void call_clean_invalidate(u32 lines) { call(VAMBRACE_CACHE_CLEAN_INVALIDATE, lines); }
static void call_sync(u32 lines) { call(VAMBRACE_CACHE_SYNC_CODE, lines); }
static void call_all(u32 lines) { call(VAMBRACE_CACHE_ALL, lines); }
static void call_data_all(u32 lines) { call(VAMBRACE_CACHE_DATA_ALL, lines); }

static void call_clean_code_all(u32 lines)
{
    call(VAMBRACE_CACHE_CLEAN, lines);
    call(VAMBRACE_CACHE_CODE_ALL, lines);
}

TEST(calls_clean, "what is written through the cache is in memory after each CACHE_OP that cleans")
{
    map_both();
    cleans(call_clean);
    cleans(call_clean_invalidate);
    cleans(call_data_all);
    cleans(call_all);
}

TEST(calls_invalidate, "what is in memory is read through the cache after each CACHE_OP that invalidates")
{
    map_both();
    invalidates(call_invalidate);
    call_all(1);
    invalidates(call_clean_invalidate);
    invalidates(call_data_all);
    invalidates(call_all);
}

TEST(cut_lines, "INVALIDATE cleans the lines that its range cuts")
{
    map_both();
    for (u32 lines = 1; lines <= 3; ++lines) {
        cached(0)[0] = ++value;
        cached(lines)[7] = value;
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_INVALIDATE, CACHED + 4, lines * LINE), 0, "CACHE_OP");
        equal(plain(0)[0], value, "before the range");
        equal(plain(lines)[7], value, "behind the range");
    }
}

TEST(calls_code, "code that was written through the cache runs after SYNC_CODE, CODE_ALL or ALL")
{
    map_both();
    makes_code(call_sync);
    makes_code(call_clean_code_all);
    makes_code(call_all);
}

TEST(page, "CACHE_PAGE: a page is the same at the linear map and at another address, and in memory")
{
    map_both();
    u32 volatile *const linear = (u32 volatile *)(SCRATCH - RAM + LINEAR_VA);
    for (u32 n = 0; n != PAGE / 4; n += LINE / 4) {
        linear[n] = ++value;
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, CACHED), 0, "CACHE_OP");
        equal(*cached(n / 8), value, "at the other address");
        *cached(n / 8) = ++value;
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, CACHED), 0, "CACHE_OP");
        equal(linear[n], value, "at the linear map");
        equal(*plain(n / 8), value, "in memory");
    }
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, CACHED), 0, "CACHE_OP");
}

static void drain(void) { CP15_WRITE(7, 10, 4, 0); }

static void cp15_clean(u32 lines)
{
    for (u32 n = 0; n != lines; ++n)
        CP15_WRITE(7, 10, 1, cached(n));
    drain();
}

static void cp15_clean_invalidate(u32 lines)
{
    for (u32 n = 0; n != lines; ++n)
        CP15_WRITE(7, 14, 1, cached(n));
    drain();
}

static void cp15_invalidate(u32 lines)
{
    for (u32 n = 0; n != lines; ++n)
        CP15_WRITE(7, 6, 1, cached(n));
    drain();
}

static void cp15_code(u32 lines)
{
    cp15_clean(lines);
    for (u32 n = 0; n != lines; ++n)
        CP15_WRITE(7, 5, 1, cached(n));
    drain();
}

static void cp15_all_code(u32 lines)
{
    cp15_clean(lines);
    CP15_WRITE(7, 5, 0, 0);
    drain();
}

TEST(cp15, "CP15's operations by address keep the same promises")
{
    map_both();
    cleans(cp15_clean);
    cleans(cp15_clean_invalidate);
    invalidates(cp15_clean_invalidate);
    invalidates(cp15_invalidate);
    makes_code(cp15_code);
    makes_code(cp15_all_code);
}
