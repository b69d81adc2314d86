// SPDX-License-Identifier: Apache-2.0
// CACHE_OP: every operation, good and bad ranges; memory is as it was.
#include "guest.h"

static u32 area[8192] __attribute__((aligned(4096)));

static void fill(void)
{
    for (u32 n = 0; n != 8192; ++n)
        area[n] = n * 0x01000193;
}

static void check_area(void)
{
    for (u32 n = 0; n != 8192; ++n)
        equal(area[n], n * 0x01000193, "a word of the area");
}

static void good_ranges(void)
{
    fill();
    for (u32 op = 0; op <= VAMBRACE_CACHE_DATA_ALL; ++op) {
        u32 const offsets[] = {0, 1, 31, 32, 4095, 4096, 5000},
                  sizes[] = {0, 1, 4, 31, 32, 33, 4096, 4097, 12000, 20000};
        for (u32 o = 0; o != 7; ++o)
            for (u32 s = 0; s != 10; ++s)
                equal((u32)CALL3(CACHE_OP, op, (u32)area + offsets[o], sizes[s]), 0, "CACHE_OP");
    }
    check_area();
}

TEST(good_mmu_off, "every operation on a good range answers 0 and changes no memory (MMU off)")
{
    good_ranges();
}

TEST(good, "every operation on a good range answers 0 and changes no memory (MMU on)")
{
    mmu_on();
    good_ranges();
}

TEST(unknown_operations, "an unknown operation is INVALID_PARAMETERS")
{
    u32 const bad[] = {VAMBRACE_CACHE_PAGE + 1, 0x80000000, 0xffffffff};
    for (u32 n = 0; n != 3; ++n)
        equal((u32)CALL3(CACHE_OP, bad[n], area, 32), (u32)VAMBRACE_INVALID_PARAMETERS, "CACHE_OP");
}

TEST(reserved_ranges, "a range that meets the hypervisor's is INVALID_PARAMETERS")
{
    mmu_on();
    u32 const bad[][2] = {{0xff000000, 32},   {0xff100000, 4096}, {0xff7fffff, 1},      {0xfeffffff, 2},
                          {0xfefff000, 8192}, {0xffffffff, 2},    {0xfffff000, 0x2000}, {0, 32},
                          {0x10, 1},          {0xfff, 1}};
    u32 const count = sizeof bad / sizeof bad[0] - (PAGE_0_RESERVED ? 0 : 3);
    for (u32 op = 0; op != VAMBRACE_CACHE_ALL; ++op)
        for (u32 n = 0; n != count; ++n)
            equal((u32)CALL3(CACHE_OP, op, bad[n][0], bad[n][1]), (u32)VAMBRACE_INVALID_PARAMETERS,
                  "CACHE_OP");
}

TEST(unmapped_ranges, "unmapped, read-only and user pages in a range do no harm")
{
    mmu_on();
    map_page(l1, 0x20100000, SCRATCH, aps(USER_READ), DOMAIN_USER);
    map_page(l1, 0x20101000, SCRATCH + PAGE, aps(NONE_SR), DOMAIN_KERNEL);
    map_page(l1, 0x20103000, 0x101f1000, aps(USER_WRITE), DOMAIN_USER);
    *(u32 *)SCRATCH = 0x31415926;
    for (u32 op = 0; op <= VAMBRACE_CACHE_DATA_ALL; ++op) {
        equal((u32)CALL3(CACHE_OP, op, 0x200ff000, 0x6000), 0, "CACHE_OP");
        equal((u32)CALL3(CACHE_OP, op, 0x80000000, 0x3000), 0, "CACHE_OP");
        equal((u32)CALL3(CACHE_OP, op, 0xfffff000, 0x1000), 0, "CACHE_OP to the last byte");
    }
    equal(*(u32 *)SCRATCH, 0x31415926, "the word");
}

TEST(page_by_ipa, "a page is named by its IPA; what is not RAM, and the hypervisor's addresses, are refused")
{
    mmu_on();
    u32 const page = SCRATCH;
    *(u32 *)page = 0x27182818;
    for (u32 colour = 0; colour != 0x10000; colour += 0x1000) {
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, page, 0x20000000 + colour), 0, "CACHE_OP");
        equal(*(u32 *)page, 0x27182818, "the word");
    }
    static u32 const bad[][2] = {{VAMBRACE_RAM_IPA - 0x1000, 0x20000000},
                                 {0xfffff000, 0x20000000},
                                 {0, 0x20000000},
                                 {VAMBRACE_PL011_IPA, 0x20000000},
                                 {VAMBRACE_RAM_IPA + 4, 0x20000000},
                                 {VAMBRACE_RAM_IPA, VAMBRACE_WINDOW_BASE},
                                 {VAMBRACE_RAM_IPA, VAMBRACE_WINDOW_END - 1}};
    for (u32 n = 0; n != sizeof bad / sizeof bad[0]; ++n)
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, bad[n][0], bad[n][1]),
              (u32)VAMBRACE_INVALID_PARAMETERS, "CACHE_OP");
}

TEST(written_code_runs, "code that was written runs after SYNC_CODE")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    for (u32 n = 0; n != 256; ++n) {
        code[0] = 0xe3a00000 | n; // mov r0, #n
        code[1] = 0xe12fff1e;     // bx lr
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, code, 8), 0, "CACHE_OP");
        equal(((u32(*)(void))code)(), n, "what the code returns");
    }
}
