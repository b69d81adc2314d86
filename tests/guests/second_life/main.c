// SPDX-License-Identifier: Apache-2.0
// A guest that restarts while the caches hold what it has written: in its second life memory is what the
// image says. QEMU has no caches; the coherency checker (docs/coherency.md) sees what it takes.
// beside: twin
#include "guest.h"

enum { CB = 3 << 2, WORDS = PAGE / 4 };

static u32 data[WORDS] __attribute__((aligned(4096))) = {[0 ... WORDS - 1] = 0x600d600d};

__attribute__((noinline, aligned(32))) static u32 returns_seven(void)
{
    u32 value;
    __asm__ volatile("mov %0, #7" : "=r"(value));
    return value;
}

static u32 volatile *linear(void const *at) { return (u32 volatile *)((u32)at - RAM + LINEAR_VA); }

static bool is_first_life(void)
{
    u32 counters[VAMBRACE_COUNTER_RESTART + 1];
    CALL2(COUNTERS_READ, counters, VAMBRACE_COUNTER_RESTART + 1);
    return counters[VAMBRACE_COUNTER_RESTART] == 0;
}

static void map_code_cached(void)
{
    mmu_on();
    add_to_section(l1, RAM, CB);
    flush(l1, RAM, MB);
}

/// Other pages where the hypervisor sees all memory while it loads a guest, in its own table.
static void map_where_it_loads(void)
{
    for (u32 n = 1; n != 24; ++n) {
        u32 const va = 0x80000000 + n * MB;
        map_page(l1, va, SCRATCH + PAGE, aps(KERNEL), DOMAIN_KERNEL);
        (void)*(u32 volatile *)va;
    }
}

/// The instruction that is `mov r0, #7`, or what it was changed to.
static void change_code(void)
{
    u32 volatile *word = linear((void *)returns_seven);
    while ((*word & ~0xf000u) != 0xe3a00007)
        ++word;
    *word += 1;
    u32 const at = (u32)word - LINEAR_VA + RAM;
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_CLEAN, word, 4), 0, "CACHE_OP");
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, at, 4), 0, "CACHE_OP");
    equal(returns_seven(), 8, "what the changed code returns");
}

TEST(memory, "after a restart memory and code are those of the image, whatever the caches held")
{
    map_code_cached();
    if (is_first_life()) {
        equal(returns_seven(), 7, "what the code returns");
        change_code();
        for (u32 n = 0; n != WORDS; ++n) {
            linear(data)[n] = 0xbad00000 | n;
            linear((void *)SCRATCH)[n] = 0xbad10000 | n;
        }
        map_where_it_loads();
        CHECK(!failed(), "the first life went wrong");
        ask(SYSTEM_RESET, 0, 0, 0);
    }
    equal(returns_seven(), 7, "what the code returns");
    for (u32 n = 0; n != WORDS; ++n) {
        equal(linear(data)[n], 0x600d600d, "a word of the image");
        equal(linear((void *)SCRATCH)[n], 0, "a word of cleared memory");
    }
}
