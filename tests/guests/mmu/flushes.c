// SPDX-License-Identifier: Apache-2.0
// SWITCH_TABLE, FORGET_TABLE and TLB_FLUSH: tables that sleep, ranges, megabytes that become something else.
#include "mmu.h"

/// A new table at the old base.
static void copy_kernel_map(void)
{
    CALL1(FORGET_TABLE, other_l1);
    for (u32 n = 0; n != 4096; ++n)
        table_words(other_l1)[n] = 0;
    fill_kernel_map(other_l1);
}

static void switch_to(u32 *table) { equal((u32)CALL1(SWITCH_TABLE, table), 0, "SWITCH_TABLE"); }

TEST(two_tables, "each table base shows its own pages, time after time")
{
    mmu_on();
    copy_kernel_map();
    number_frames(4);
    unmap_section(l1, AREA);
    flush_all();
    map_page(l1, AREA, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
    map_page(other_l1, AREA, SCRATCH + 2 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 10; ++n) {
        switch_to(other_l1);
        equal(*word_at(AREA), 2, "the other table's page");
        equal(CP15_READ(2, 0, 0), (u32)other_l1, "TTBR");
        switch_to(l1);
        equal(*word_at(AREA), 1, "this table's page");
    }
    CP15_WRITE(2, 0, 0, other_l1);
    equal(*word_at(AREA), 2, "the other table's page by TTBR");
    CP15_WRITE(2, 0, 0, l1);
    equal(*word_at(AREA), 1, "this table's page by TTBR");
}

TEST(flush_of_a_sleeping_table,
     "a page of a table that is not current is taken away, used again, and gone when it wakes")
{
    mmu_on();
    copy_kernel_map();
    number_frames(8);
    for (u32 n = 0; n != 4; ++n)
        map_page(other_l1, AREA + n * PAGE, SCRATCH + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
    switch_to(other_l1);
    for (u32 n = 0; n != 4; ++n)
        equal(*word_at(AREA + n * PAGE), n, "the page before");
    switch_to(l1);
    unmap_page(other_l1, AREA + PAGE);                                                     // reclaimed
    map_page(other_l1, AREA + 2 * PAGE, SCRATCH + 6 * PAGE, aps(USER_WRITE), DOMAIN_USER); // migrated
    map_page(other_l1, AREA + 3 * PAGE, SCRATCH + 3 * PAGE, aps(USER_READ), DOMAIN_USER);  // protected
    flush(other_l1, AREA + PAGE, 3 * PAGE);
    *word_at(SCRATCH + PAGE) = 0xdead; // somebody else's now
    switch_to(other_l1);
    u32 const gone = status_of(AREA + PAGE, true, false), moved = *word_at(AREA + 2 * PAGE),
              protected = status_of(AREA + 3 * PAGE, true, true), kept = *word_at(AREA);
    switch_to(l1);
    equal(gone & 0xf, TRANSLATION | PAGE_FORM, "the page that was reclaimed");
    equal(moved, 6, "the page that moved");
    equal(protected & 0xf, PERMISSION | PAGE_FORM, "the page that was protected");
    equal(kept, 0, "the page that was kept");
}

TEST(kernel_range_in_all_tables, "a kernel range flushed in ALL_TABLES is gone from tables that sleep")
{
    mmu_on();
    copy_kernel_map();
    number_frames(8);
    unmap_section(l1, AREA);
    flush_all();
    u32 *const table = coarse(l1, AREA, DOMAIN_KERNEL); // one second-level table, linked from both
    table_words(other_l1)[AREA >> 20] = table_words(l1)[AREA >> 20];
    table[0] = SCRATCH | aps(KERNEL) << 4 | 2;
    equal(*word_at(AREA), 0, "here");
    switch_to(other_l1);
    equal(*word_at(AREA), 0, "there");
    table[0] = (SCRATCH + 5 * PAGE) | aps(KERNEL) << 4 | 2;
    CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, AREA, PAGE);
    u32 const there = *word_at(AREA);
    switch_to(l1);
    equal(there, 5, "there after the flush");
    equal(*word_at(AREA), 5, "here after the flush");
    unmap_section(l1, AREA);
}

TEST(forget, "a forgotten table base that is used again for another table shows the new one")
{
    mmu_on();
    copy_kernel_map();
    number_frames(4);
    map_page(other_l1, AREA, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
    switch_to(other_l1);
    u32 const before = *word_at(AREA);
    switch_to(l1);
    copy_kernel_map(); // forgets it
    map_page(other_l1, AREA, SCRATCH + 2 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    switch_to(other_l1);
    u32 const after = *word_at(AREA);
    switch_to(l1);
    equal(before, 1, "before");
    equal(after, 2, "after");
}

TEST(forget_current, "forgetting the current table or one that was never used does no harm")
{
    mmu_on();
    equal((u32)CALL1(FORGET_TABLE, l1), 0, "FORGET_TABLE");
    equal((u32)CALL1(FORGET_TABLE, SCRATCH), 0, "FORGET_TABLE");
    equal((u32)CALL1(FORGET_TABLE, 0xffffffff), 0, "FORGET_TABLE");
    equal((u32)CALL1(FORGET_TABLE, 1), 0, "FORGET_TABLE");
    equal((u32)CALL1(FORGET_TABLE, 2), 0, "FORGET_TABLE");
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(many_tables, "more table bases than the pool holds all keep their pages apart")
{
    mmu_on();
    copy_kernel_map();
    u32 *const tables = (u32 *)(SCRATCH + 2 * MB);
    for (u32 n = 0; n != 80; ++n) {
        u32 *const table = tables + n * 4096;
        for (u32 word = 0; word != 4096; ++word)
            table_words(table)[word] = table_words(other_l1)[word];
        unmap_section(table, AREA);
        map_section(table, AREA, SCRATCH, USER_WRITE, DOMAIN_USER);
        map_section(table, AREA + MB, SCRATCH + (n & 1) * MB, USER_WRITE, DOMAIN_USER);
    }
    *word_at(SCRATCH) = 0x11;
    *word_at(SCRATCH + MB) = 0x22;
    for (u32 round = 0; round != 3; ++round) {
        for (u32 n = 0; n != 80; ++n) {
            switch_to(tables + n * 4096);
            u32 const seen = *word_at(AREA + MB);
            CHECK(seen == (n & 1 ? 0x22 : 0x11), "table %u shows %x", n, seen);
        }
    }
    switch_to(l1);
    for (u32 n = 0; n != 80; ++n)
        CALL1(FORGET_TABLE, tables + n * 4096);
}

TEST(bad_tables, "SWITCH_TABLE and TLB_FLUSH refuse a base that is misaligned or not RAM")
{
    mmu_on();
    u32 const bad[] = {0,          1,       (u32)l1 + 1, (u32)l1 + 0x400, RAM_END, RAM - 0x4000,
                       0xffffc000, 0x10000, 0xff100000};
    for (u32 n = 0; n != sizeof bad / sizeof bad[0]; ++n)
        equal((u32)CALL1(SWITCH_TABLE, bad[n]), (u32)VAMBRACE_INVALID_PARAMETERS, "SWITCH_TABLE");
    equal((u32)CALL3(TLB_FLUSH, (u32)l1 + 4, 0, PAGE), (u32)VAMBRACE_INVALID_PARAMETERS, "TLB_FLUSH");
    equal(CP15_READ(2, 0, 0), (u32)l1, "TTBR");
}

TEST(flush_sizes, "a flush of any range ends, and only what changed is lost")
{
    mmu_on();
    u32 const ranges[][2] = {{0, 0},
                             {0, 1},
                             {0, VAMBRACE_ALL_ADDRESSES},
                             {0xffffffff, 1},
                             {0xffffffff, 0xffffffff},
                             {0xfffff000, 0x1000},
                             {0xfffff000, 0x2000},
                             {0x40000000, 0x80000000},
                             {1, 0xfffffffe},
                             {0xff000000, 0x800000},
                             {0, 0x1000},
                             {0x7fffffff, 0x80000001},
                             {0x80000000, 0x80000000}};
    for (u32 n = 0; n != sizeof ranges / sizeof ranges[0]; ++n) {
        flush(l1, ranges[n][0], ranges[n][1]);
        CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, ranges[n][0], ranges[n][1]);
        CALL3(TLB_FLUSH, SCRATCH, ranges[n][0], ranges[n][1]);
        equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
    }
}

TEST(section_to_table, "a section that is replaced by a table, and back, holds after the flush")
{
    mmu_on();
    number_frames(8);
    for (u32 kind = 0; kind != 2; ++kind) {
        u32 const ap = kind ? USER_WRITE : KERNEL, domain = kind ? DOMAIN_USER : DOMAIN_KERNEL;
        for (u32 round = 0; round != 3; ++round) {
            map_section(l1, SECTION_AREA, SCRATCH, ap, domain);
            CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, SECTION_AREA, MB);
            equal(*word_at(SECTION_AREA + 2 * PAGE), 2, "by section");
            unmap_section(l1, SECTION_AREA);
            for (u32 n = 0; n != 8; ++n)
                map_page(l1, SECTION_AREA + n * PAGE, SCRATCH + (7 - n) * PAGE, aps(ap), domain);
            flush(l1, SECTION_AREA, MB);
            CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, SECTION_AREA, MB);
            equal(*word_at(SECTION_AREA + 2 * PAGE), 5, "by table");
            equal(status_of(SECTION_AREA + 9 * PAGE, false, false) & 0xf, TRANSLATION | PAGE_FORM,
                  "the rest");
        }
    }
}

TEST(flush_by_base_section, "a flush by base takes over a table that replaced a section")
{
    mmu_on();
    number_frames(8);
    map_section(l1, SECTION_AREA, SCRATCH, USER_WRITE, DOMAIN_USER);
    flush(l1, SECTION_AREA, MB);
    equal(*word_at(SECTION_AREA + 2 * PAGE), 2, "by section");
    unmap_section(l1, SECTION_AREA);
    map_page(l1, SECTION_AREA + 2 * PAGE, SCRATCH + 5 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, SECTION_AREA, MB);
    equal(*word_at(SECTION_AREA + 2 * PAGE), 5, "by table");
}

TEST(domain_of_a_megabyte, "a megabyte whose entry gets another domain follows after the flush")
{
    mmu_on();
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    equal(status_of(AREA, true, true), 0, "in an open domain");
    table_words(l1)[AREA >> 20] = (table_words(l1)[AREA >> 20] & ~0x1e0u) | 9 << 5; // domain 9: no access
    flush(l1, AREA, MB);
    equal(status_of(AREA, true, true), DOMAIN_FAULT | PAGE_FORM | 9 << 4, "in a closed domain, user");
    equal(status_of(AREA, false, true), DOMAIN_FAULT | PAGE_FORM | 9 << 4, "in a closed domain, kernel");
    table_words(l1)[AREA >> 20] = 0;
}
