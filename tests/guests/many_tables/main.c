// SPDX-License-Identifier: Apache-2.0
// More address spaces than the core has ASIDs and the hypervisor first-level tables: each shows its own pages
// whenever it comes back.
// native: yes
#include "guest.h"
#include "rights.h"

enum {
    SPACES = 300,
    MEGABYTES = 3, // of a usual process
    MANY = 40,     // of one with more than the hypervisor keeps
    AREA = 0x30000000,
    BASES = SCRATCH,
    TABLES = BASES + SPACES * 0x4000,
    FRAMES = TABLES + SPACES * 0x400,
};
_Static_assert(FRAMES + 2 * SPACES * PAGE <= RAM_END, "the frames do not fit");

static u32 *base_of(u32 n) { return (u32 *)(BASES + n * 0x4000); }
static u32 *table_of(u32 n) { return (u32 *)(TABLES + n * 0x400); }
static u32 frame_of(u32 n) { return FRAMES + n * PAGE; }
static u32 page_in(u32 megabyte) { return AREA + megabyte * MB + (megabyte & 7) * PAGE; }

static void switch_to(u32 const *base) { equal((u32)CALL1(SWITCH_TABLE, base), 0, "SWITCH_TABLE"); }

/// Writes the frame's number and the address space into all of its words that are looked at.
static void number_frame(u32 frame, u32 n)
{
    for (u32 megabyte = 0; megabyte != MANY; ++megabyte)
        word_at(frame)[megabyte] = n << 8 | megabyte;
}

/// The n-th address space: one table of pages behind all of its megabytes.
static void make_space(u32 n, u32 megabytes)
{
    for (u32 word = 0; word != 4096; ++word)
        table_words(base_of(n))[word] = table_words(l1)[word];
    for (u32 page = 0; page != 256; ++page)
        table_words(table_of(n))[page] = 0;
    for (u32 megabyte = 0; megabyte != megabytes; ++megabyte)
        table_words(base_of(n))[(AREA >> 20) + megabyte] = (u32)table_of(n) | TABLE_ENTRY | DOMAIN_USER << 5;
    for (u32 page = 0; page != 8; ++page)
        map_page(base_of(n), AREA + page * PAGE, frame_of(n), aps(USER_WRITE), DOMAIN_USER);
    number_frame(frame_of(n), n);
}

static void start(void)
{
    mmu_on();
    for (u32 n = 0; n != SPACES; ++n) {
        CALL1(FORGET_TABLE, base_of(n));
        make_space(n, MEGABYTES);
    }
}

static void check_space(u32 n, u32 megabytes, u32 number)
{
    switch_to(base_of(n));
    for (u32 megabyte = 0; megabyte != megabytes && !failed(); ++megabyte)
        equal(word_at(page_in(megabyte))[megabyte], number << 8 | megabyte, "a word of a page");
}

static void check_all(void)
{
    for (u32 n = 0; n != SPACES && !failed(); ++n)
        check_space(n, MEGABYTES, n);
    switch_to(l1);
}

TEST(time_after_time, "each of 300 table bases shows its own pages, time after time")
{
    start();
    for (u32 round = 0; round != 3; ++round)
        check_all();
}

TEST(any_order, "300 table bases show their own pages in any order")
{
    static u32 random = 0x5eed5;
    start();
    for (u32 n = 0; n != 2000 && !failed(); ++n) {
        u32 const space = next_random(&random) % SPACES;
        check_space(space, MEGABYTES, space);
    }
    switch_to(l1);
}

static void flush_in_some_way(u32 n, u32 how)
{
    u32 const va = page_in(1);
    switch (how % 5) {
    case 0: flush(base_of(n), va, PAGE); break;
    case 1: flush(base_of(n), va - PAGE, 3 * PAGE); break;
    case 2: flush(base_of(n), AREA, MEGABYTES * MB); break;
    case 3: CALL3(TLB_FLUSH, base_of(n), 0, VAMBRACE_ALL_ADDRESSES); break;
    default: CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, va, PAGE); break;
    }
}

TEST(flushed, "a page that a sleeping address space loses by any flush is gone when it wakes, and no other")
{
    start();
    check_all();
    for (u32 n = 0; n != SPACES; ++n) {
        unmap_page(base_of(n), AREA + 1 * PAGE);
        flush_in_some_way(n, n);
    }
    for (u32 n = 0; n != SPACES && !failed(); ++n) {
        switch_to(base_of(n));
        u32 const gone = status_of(page_in(1), true, false);
        equal(gone & 0xf, TRANSLATION | PAGE_FORM, "the page that is gone");
        equal(word_at(page_in(2))[2], n << 8 | 2, "its neighbour");
    }
    switch_to(l1);
}

TEST(forgotten, "new tables at bases that were forgotten show new pages")
{
    start();
    check_all();
    for (u32 n = 0; n != SPACES; ++n) {
        CALL1(FORGET_TABLE, base_of(n));
        for (u32 page = 0; page != 8; ++page)
            map_page(base_of(n), AREA + page * PAGE, frame_of(SPACES + n), aps(USER_WRITE), DOMAIN_USER);
        number_frame(frame_of(SPACES + n), SPACES + n);
    }
    for (u32 n = 0; n != SPACES && !failed(); ++n)
        check_space(n, MEGABYTES, SPACES + n);
    switch_to(l1);
}

TEST(many_megabytes, "an address space of 40 megabytes comes back whole")
{
    start();
    CALL1(FORGET_TABLE, base_of(7));
    make_space(7, MANY);
    for (u32 round = 0; round != 4 && !failed(); ++round) {
        check_space(7, MANY, 7);
        check_all();
    }
}

TEST(dropped, "a flush of everything leaves each address space what its tables say")
{
    start();
    for (u32 n = 0; n != SPACES && !failed(); ++n) {
        check_space(n, MEGABYTES, n);
        if (n % 16 == 0)
            flush_all();
    }
    check_all();
}
