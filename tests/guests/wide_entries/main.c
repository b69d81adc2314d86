// SPDX-License-Identifier: Apache-2.0
// Large pages, sections and supersections: the core holds each as
// one entry, and a flush of any address in it lets all of it go.
// native: yes
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SUPER_AREA = 0x21000000, LARGE = 0x10000, SECOND = SCRATCH + MB };
#define ALL_TABLES ((u32 const *)VAMBRACE_ALL_TABLES)

/// A word of each page of the two backings says which it is.
static void number_pages(u32 count)
{
    for (u32 n = 0; n != count; ++n) {
        *word_at(SCRATCH + n * PAGE) = n;
        *word_at(SECOND + n * PAGE) = 0x10000 + n;
    }
}

static void touch_pages(u32 va, u32 from, u32 count, bool user)
{
    for (u32 n = from; n != count; ++n) {
        if (user)
            equal(run_user(user_address(user_ldr), va + n * PAGE, 0), SVC_USER, "kind of trap");
        equal(user ? trap.frame.r[1] : *word_at(va + n * PAGE), n, "a page of before");
    }
}

static void check_pages(u32 va, u32 from, u32 count, bool user)
{
    for (u32 n = from; n != count && !failed(); ++n) {
        if (user)
            equal(run_user(user_address(user_ldr), va + n * PAGE, 0), SVC_USER, "kind of trap");
        u32 const found = user ? trap.frame.r[1] : *word_at(va + n * PAGE);
        CHECK(found == 0x10000 + n, "page %u shows %x after the flush", n, found);
    }
}

static void map_pages(u32 va, u32 ipa, u32 count, u32 ap)
{
    for (u32 n = 0; n != count; ++n)
        map_page(l1, va + n * PAGE, ipa + n * PAGE, aps(ap), DOMAIN_USER);
}

static void check_large(u32 ap, u32 part, bool to_small, u32 const *base)
{
    bool const user = ap == USER_WRITE;
    map_large(l1, AREA, SCRATCH, aps(ap), DOMAIN_USER);
    flush(l1, AREA, LARGE);
    touch_pages(AREA, 0, 16, user);
    if (to_small)
        map_pages(AREA, SECOND, 16, ap);
    else
        map_large(l1, AREA, SECOND, aps(ap), DOMAIN_USER);
    flush(base, AREA + part * PAGE, PAGE);
    check_pages(AREA, 0, 16, user);
}

static void check_large_pages(u32 const *base)
{
    mmu_on();
    number_pages(16);
    for (u32 part = 0; part < 16; part += 5)
        for (u32 how = 0; how != 4; ++how)
            check_large(how & 1 ? USER_WRITE : KERNEL, part, how & 2, base);
}

TEST(large_by_base, "a flush of one page of a large page lets all 16 go") { check_large_pages(l1); }

TEST(large_in_all, "a flush of one page of a large page in all tables lets all 16 go")
{
    check_large_pages(ALL_TABLES);
}

TEST(large_by_cp15, "a CP15 invalidation of one page of a large page lets all 16 go")
{
    mmu_on();
    number_pages(16);
    for (u32 part = 0; part < 16; part += 3) {
        map_large(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
        flush(l1, AREA, LARGE);
        touch_pages(AREA, 0, 16, true);
        map_large(l1, AREA, SECOND, aps(USER_WRITE), DOMAIN_USER);
        CP15_WRITE(7, 10, 4, 0);
        CP15_WRITE(8, 7, 1, AREA + part * PAGE);
        CP15_WRITE(7, 10, 4, 0);
        if (ARCH != ARMV5)
            CP15_WRITE(7, 5, 4, 0);
        check_pages(AREA, 0, 16, true);
    }
}

TEST(untouched_page, "a flush of a page of a large page that was never used lets the used ones go")
{
    mmu_on();
    number_pages(16);
    map_large(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, LARGE);
    touch_pages(AREA, 0, 8, true);
    map_large(l1, AREA, SECOND, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA + 12 * PAGE, PAGE);
    check_pages(AREA, 0, 16, true);
}

TEST(first_section, "a flush of one page of a section at megabyte 0 lets all of it go")
{
    mmu_on();
    number_pages(256);
    u32 const parts[] = {0, 1, 100, 255};
    for (u32 n = 0; n != 8 && !failed(); ++n) {
        map_section(l1, 0, SCRATCH, USER_WRITE, DOMAIN_USER);
        flush(l1, 0, MB);
        touch_pages(0, PAGE_0_RESERVED, 256, false);
        map_section(l1, 0, SECOND, USER_WRITE, DOMAIN_USER);
        flush(n & 1 ? ALL_TABLES : l1, parts[n / 2] * PAGE, PAGE);
        check_pages(0, PAGE_0_RESERVED, 256, false);
    }
    unmap_section(l1, 0);
    flush(l1, 0, MB);
}

TEST(section, "a flush of one page of a section lets all of it go")
{
    mmu_on();
    number_pages(256);
    for (u32 n = 0; n != 4 && !failed(); ++n) {
        map_section(l1, AREA, SCRATCH, USER_WRITE, DOMAIN_USER);
        flush(l1, AREA, MB);
        touch_pages(AREA, 0, 256, false);
        map_section(l1, AREA, SECOND, USER_WRITE, DOMAIN_USER);
        flush(n & 1 ? ALL_TABLES : l1, AREA + (n & 2 ? 255 : 7) * PAGE, PAGE);
        check_pages(AREA, 0, 256, false);
    }
}

static void map_megabytes(u32 bits, u32 ipa_of_first, u32 step)
{
    for (u32 n = 0; n != 16; ++n) {
        map_section(l1, SUPER_AREA + n * MB, ipa_of_first + n * step, KERNEL, 0);
        add_to_section(l1, SUPER_AREA + n * MB, bits);
    }
}

TEST_ON(ARMV6 | ARMV7, supersection, "a flush of one page of a supersection lets all 16 MB go")
{
    mmu_on();
    for (u32 n = 8; n != 16; ++n)
        *word_at(RAM + n * MB) = n;
    for (u32 how = 0; how != 4 && !failed(); ++how) {
        map_megabytes(SECTION_SUPER, RAM & 0xff000000, 0);
        flush(l1, SUPER_AREA, 16 * MB);
        for (u32 n = 8; n != 16; ++n)
            equal(*word_at(SUPER_AREA + n * MB), n, "a megabyte of before");
        map_megabytes(0, RAM + 15 * MB, 0);
        flush(how & 1 ? ALL_TABLES : l1, SUPER_AREA + (how & 2 ? 3 : 12) * MB + 5 * PAGE, PAGE);
        for (u32 n = 8; n != 16; ++n)
            equal(*word_at(SUPER_AREA + n * MB), 15, "a megabyte after the flush");
    }
    for (u32 n = 0; n != 16; ++n)
        unmap_section(l1, SUPER_AREA + n * MB);
    flush(l1, SUPER_AREA, 16 * MB);
}
