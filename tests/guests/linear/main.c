// SPDX-License-Identifier: Apache-2.0
// SET_LINEAR_MAP: good and bad arguments, and tables that are read through it.
#include "guest.h"

TEST(good, "a linear map of any whole megabytes of RAM is taken")
{
    equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, RAM_SIZE), 0, "all of RAM");
    equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, MB), 0, "the first megabyte");
    equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM_END - MB, MB), 0, "the last megabyte");
    equal((u32)CALL3(SET_LINEAR_MAP, RAM, RAM, RAM_SIZE), 0, "the identity");
    equal((u32)CALL3(SET_LINEAR_MAP, 0xff800000, RAM, 4 * MB), 0, "just above the window");
    equal((u32)CALL3(SET_LINEAR_MAP, 0xfe000000, RAM, RAM_SIZE), 0, "just below the window");
}

TEST(bad, "a linear map that is misaligned, empty, not RAM or the hypervisor's is INVALID_PARAMETERS")
{
    u32 const bad[][3] = {
        {LINEAR_VA, RAM, 0},
        {LINEAR_VA + 1, RAM, MB},
        {LINEAR_VA + PAGE, RAM, MB},
        {LINEAR_VA, RAM + PAGE, MB},
        {LINEAR_VA, RAM, MB + PAGE},
        {LINEAR_VA, RAM, MB - 1},
        {LINEAR_VA, RAM - MB, MB},
        {LINEAR_VA, RAM_END, MB},
        {LINEAR_VA, RAM, RAM_SIZE + MB},
        {LINEAR_VA, RAM_END - MB, 2 * MB},
        {0xff000000, RAM, MB},
        {0xff700000, RAM, MB},
        {0xfef00000, RAM, 2 * MB},
        {0xff100000, RAM, 8 * MB},
        {0xfff00000, RAM, 2 * MB},
        {LINEAR_VA, 0, MB},
        {LINEAR_VA, 0xfff00000, MB},
        {LINEAR_VA, 0xfff00000, 0xfff00000},
        {LINEAR_VA, RAM, 0xfff00000},
        {LINEAR_VA, 0x80000000, 0x80000000},
        {0, RAM, MB},
    };
    for (u32 n = 0; n != sizeof bad / sizeof bad[0] - !PAGE_0_RESERVED; ++n)
        CHECK(CALL3(SET_LINEAR_MAP, bad[n][0], bad[n][1], bad[n][2]) == VAMBRACE_INVALID_PARAMETERS,
              "SET_LINEAR_MAP %x %x %x is taken", bad[n][0], bad[n][1], bad[n][2]);
}

TEST(works_after, "tables are read rightly whatever the map was before")
{
    u32 const sizes[] = {MB, 3 * MB, RAM_SIZE};
    mmu_on();
    for (u32 n = 0; n != 3; ++n) {
        equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, sizes[n]), 0, "SET_LINEAR_MAP");
        flush_all();
        map_page(l1, 0x20100000 + n * PAGE, SCRATCH + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
        *(u32 volatile *)(SCRATCH + n * PAGE) = n + 7;
        equal(*(u32 volatile *)(0x20100000 + n * PAGE), n + 7, "a word of a page");
    }
}

TEST(no_map, "without a linear map tables are read as well")
{
    mmu_on();
    equal((u32)CALL3(SET_LINEAR_MAP, 0xd0000000, RAM_END - MB, MB), 0, "a map without tables in it");
    flush_all();
    map_page(l1, 0x20110000, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    *(u32 volatile *)SCRATCH = 99;
    equal(*(u32 volatile *)0x20110000, 99, "a word of a page");
    equal((u32)CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, RAM_SIZE), 0, "SET_LINEAR_MAP");
}

TEST(not_a_right, "the linear map gives guest user no right")
{
    mmu_on();
    CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, RAM_SIZE);
    flush_all();
    map_page(l1, 0x20120000, SCRATCH, aps(USER_WRITE), DOMAIN_USER); // makes the hypervisor read tables
    (void)*(u32 volatile *)0x20120000;
    for (u32 va = LINEAR_VA; va != LINEAR_VA + 4 * MB; va += MB) {
        equal(run_user(user_address(user_ldr), va, 0), DATA_USER, "kind of trap");
        equal(trap.r[1], 0xd | DOMAIN_KERNEL << 4, "fault status");
    }
}
