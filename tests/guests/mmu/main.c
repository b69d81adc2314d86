// SPDX-License-Identifier: Apache-2.0
// The guest's page tables: what each entry permits, which fault it gives, and what is the hypervisor's.
#include "mmu.h"

static void check_rights(u32 va, u32 backing, u32 ap, u32 form)
{
    for (u32 sr = 0; sr != (ARCH == ARMV7 ? 1 : 4); ++sr) {
        set_sctlr((sr & 1 ? SCTLR_S : 0) | (sr & 2 ? SCTLR_R : 0), SCTLR_S | SCTLR_R);
        for (u32 access = 0; access != 4; ++access) {
            set_domain(DOMAIN_TEST, access);
            for (u32 how = 0; how != 4; ++how) {
                bool const user = how & 1, write = how & 2;
                *word_at(backing) = 1;
                u32 const status = status_of(va, user, write);
                u32 const expected = expected_status(ap, access, sr, user, write, form);
                CHECK(status == expected, "AP %u, domain access %u, S/R %u, %s %s: status %x, not %x", ap,
                      access, sr, user ? "user" : "kernel", write ? "store" : "load", status, expected);
                CHECK((*word_at(backing) == SENTINEL) == (write && !expected), "memory is %x",
                      *word_at(backing));
            }
        }
    }
    set_sctlr(0, SCTLR_S | SCTLR_R);
    set_domain(DOMAIN_TEST, CLIENT);
}

TEST(small_page_rights, "a small page gives the rights and faults of AP, domain, S and R to kernel and user")
{
    mmu_on();
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap)
        map_page(l1, AREA + *ap * PAGE, SCRATCH + *ap * PAGE, aps(*ap), DOMAIN_TEST);
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap)
        check_rights(AREA + *ap * PAGE + 0x84, SCRATCH + *ap * PAGE + 0x84, *ap, PAGE_FORM);
}

TEST(section_rights, "a section gives the rights and faults of AP, domain, S and R to kernel and user")
{
    mmu_on();
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap) {
        map_section(l1, SECTION_AREA, SCRATCH, *ap, DOMAIN_TEST);
        flush(l1, SECTION_AREA, MB);
        check_rights(SECTION_AREA + 0x54320, SCRATCH + 0x54320, *ap, 0);
    }
}

TEST(large_page_rights, "a large page gives the rights and faults of AP, domain, S and R to kernel and user")
{
    mmu_on();
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap)
        map_large(l1, LARGE_AREA + *ap * 0x10000, SCRATCH + *ap * 0x10000, aps(*ap), DOMAIN_TEST);
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap)
        check_rights(LARGE_AREA + *ap * 0x10000 + 0x5678, SCRATCH + *ap * 0x10000 + 0x5678, *ap, PAGE_FORM);
}

TEST(unmapped, "what is not mapped gives translation faults, of the level that lacks it")
{
    mmu_on();
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
    coarse(l1, AREA, DOMAIN_TEST);
    equal(status_of(AREA + 0x5000, false, false), TRANSLATION | PAGE_FORM | DOMAIN_TEST << 4, "page, kernel");
    equal(status_of(AREA + 0x5000, true, true), TRANSLATION | PAGE_FORM | DOMAIN_TEST << 4, "page, user");
    equal(status_of(0x70000000, false, false) & 0xf, TRANSLATION, "section, kernel");
    equal(status_of(0x70000000, true, false) & 0xf, TRANSLATION, "section, user");
    set_domain(DOMAIN_TEST, NO_ACCESS); // translation faults come before domain faults
    equal(status_of(AREA + 0x5000, false, false), TRANSLATION | PAGE_FORM | DOMAIN_TEST << 4,
          "page, domain closed");
    set_domain(DOMAIN_TEST, CLIENT);
}

TEST(reserved_entry, "a first-level entry of type 3, a fine table or reserved, gives a fault")
{
    mmu_on();
    table_words(l1)[AREA >> 20] = SCRATCH | DOMAIN_TEST << 5 | 3;
    flush(l1, AREA, MB);
    u32 const status = status_of(AREA, false, false);
    CHECK(status != 0, "the entry is followed");
    if (ARCH != ARMV5)
        equal(status & 0xf, TRANSLATION, "fault status");
    table_words(l1)[AREA >> 20] = 0;
    flush(l1, AREA, MB);
}

TEST_ON(ARMV5, tiny_page, "a tiny page in a coarse table gives a translation fault")
{
    mmu_on();
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
    coarse(l1, AREA, DOMAIN_TEST)[0] = SCRATCH | 0x30 | 3; // a tiny page in a coarse table
    equal(status_of(AREA, false, false) & 0xf, TRANSLATION | PAGE_FORM, "a tiny page");
}

TEST(manager, "a manager domain switches all rights off, for kernel and user")
{
    mmu_on();
    map_page(l1, AREA + PAGE, SCRATCH, aps(USER_READ), DOMAIN_TEST);
    flush(l1, AREA, MB);
    set_domain(DOMAIN_TEST, CLIENT);
    equal(status_of(AREA + PAGE, false, true), PERMISSION | PAGE_FORM | DOMAIN_TEST << 4, "as client");
    set_domain(DOMAIN_TEST, MANAGER);
    equal(status_of(AREA + PAGE, false, true), 0, "as manager, kernel");
    equal(status_of(AREA + PAGE, true, true), 0, "as manager, user");
    set_domain(DOMAIN_TEST, CLIENT);
    equal(status_of(AREA + PAGE, false, true), PERMISSION | PAGE_FORM | DOMAIN_TEST << 4, "as client again");
}

/* --- a megabyte with pages of both kinds
 * --------------------------------------------------------------------------- */

static void map_mixed(u32 *table, u32 pages)
{
    for (u32 n = 0; n != pages; ++n) {
        map_page(table, AREA + n * PAGE, SCRATCH + n * PAGE, aps(n & 1 ? KERNEL : USER_WRITE), DOMAIN_USER);
        *word_at(SCRATCH + n * PAGE) = 0xc0de0000 | n;
    }
    flush(table, AREA, MB);
}

TEST(mixed_megabyte, "in a megabyte of both kinds guest user never reaches a page that is the kernel's")
{
    mmu_on();
    unmap_section(l1, AREA);
    map_mixed(l1, 64);
    for (u32 round = 0; round != 3; ++round) {
        for (u32 n = 0; n != 64; ++n) {
            CHECK(*word_at(AREA + n * PAGE) == (0xc0de0000 | n), "kernel reads %x in page %u",
                  *word_at(AREA + n * PAGE), n);
            u32 const other = (n * 7 + round) % 64;
            u32 const expected = other & 1 ? PERMISSION | PAGE_FORM | DOMAIN_USER << 4 : 0;
            u32 const status = status_of(AREA + other * PAGE, true, false);
            CHECK(status == expected, "user's load of page %u: status %x, not %x", other, status, expected);
        }
    }
}

TEST(mixed_after_kernel,
     "a page that the kernel has just touched is closed to the very next load of guest user")
{
    mmu_on();
    unmap_section(l1, AREA);
    map_mixed(l1, 32);
    for (u32 n = 1; n < 32; n += 2) {
        (void)*word_at(AREA + (n - 1) * PAGE);
        *word_at(AREA + n * PAGE) = 0xc0de0000 | n;
        equal(status_of(AREA + n * PAGE, true, false), PERMISSION | PAGE_FORM | DOMAIN_USER << 4, "load");
        *word_at(AREA + n * PAGE) = 0xc0de0000 | n;
        equal(status_of(AREA + n * PAGE, true, true), PERMISSION | PAGE_FORM | DOMAIN_USER << 4, "store");
        equal(*word_at(AREA + n * PAGE), 0xc0de0000 | n, "the page");
    }
}

TEST(mixed_order, "whichever kind of page comes first in a megabyte, both are right")
{
    mmu_on();
    for (u32 first = 0; first != 2; ++first) {
        unmap_section(l1, AREA);
        flush(l1, AREA, MB);
        map_mixed(l1, 2);
        if (first)
            (void)*word_at(AREA + PAGE);
        equal(status_of(AREA, true, false), 0, "user's load of its page");
        (void)*word_at(AREA + PAGE);
        equal(status_of(AREA + PAGE, true, false), PERMISSION | PAGE_FORM | DOMAIN_USER << 4,
              "user's load of the kernel's");
        equal(*word_at(AREA + PAGE), 0xc0de0001, "kernel's page");
    }
}

TEST(first_megabyte, "guest user's pages beside page 0 work, and kernel-only ones are closed")
{
    mmu_on();
    for (u32 n = 0; n != 16; ++n)
        map_page(l1, n * PAGE, SCRATCH + n * PAGE, aps(n == 9 ? KERNEL : USER_WRITE), DOMAIN_USER);
    for (u32 round = 0; round != 2; ++round) {
        for (u32 n = PAGE_0_RESERVED; n != 16; ++n) {
            *word_at(SCRATCH + n * PAGE) = n;
            equal(*word_at(n * PAGE), n, "what guest kernel reads");
            equal(status_of(n * PAGE, true, false), n == 9 ? PERMISSION | PAGE_FORM | DOMAIN_USER << 4 : 0,
                  "user's load");
        }
        flush(l1, 0, MB);
    }
}

TEST(first_megabyte_section, "a section at megabyte 0 works above page 0")
{
    mmu_on();
    map_section(l1, 0, SCRATCH, USER_WRITE, DOMAIN_USER);
    flush(l1, 0, MB);
    *word_at(SCRATCH + 0x8000) = 0x8000;
    equal(*word_at(0x8000), 0x8000, "what guest kernel reads");
    equal(status_of(0x8000, true, true), 0, "user's store");
    equal(status_of(0, true, false) & 0xf, PAGE_0_RESERVED ? TRANSLATION : 0, "user's load of page 0");
    unmap_section(l1, 0);
    flush(l1, 0, MB);
    equal(status_of(0x8000, true, true) & 0xf, TRANSLATION, "user's store after unmapping");
}

/* --- the hypervisor's addresses
 * -------------------------------------------------------------------------------------- */

static void check_reserved(void)
{
    u32 const addresses[] = {0xff002000, 0xff0ff000, 0xff100000, 0xff110000, 0xff1ffffc,
                             0xff200000, 0xff300000, 0xff400000, 0xff7ffffc, 0,
                             4,          0x10,       0xffc};
    u32 const count = sizeof addresses / sizeof addresses[0] - (PAGE_0_RESERVED ? 0 : 4);
    for (u32 n = 0; n != count; ++n) {
        for (u32 how = 0; how != 4; ++how) {
            u32 const status = status_of(addresses[n], how & 1, how & 2) & 0xd;
            CHECK(status == TRANSLATION, "%x, access %u: status %x", addresses[n], how, trap.r[1]);
        }
        equal(probe(kernel_bx, addresses[n], 0), PREFETCH_KERNEL, "kind of trap of a kernel's jump");
        equal(trap.r[1] & 0xd, TRANSLATION, "status of a kernel's jump");
        equal(run_user(user_address(user_bx), addresses[n], 0), PREFETCH_USER,
              "kind of trap of a user's jump");
        equal(trap.r[1] & 0xd, TRANSLATION, "status of a user's jump");
    }
    for (u32 how = 1; how != 5; how += 2) { // the two pages that are guest kernel's alone
        equal(status_of(VAMBRACE_SHARED_VA, true, how & 2) & 0xd, TRANSLATION,
              "user's access to the shared page");
        equal(status_of(VAMBRACE_COUNTER_VA + 0x5c, true, how & 2) & 0xd, TRANSLATION,
              "user's access to the counter");
    }
}

TEST(reserved_unmapped, "the hypervisor's addresses look unmapped to kernel and user")
{
    mmu_on();
    check_reserved();
}

TEST(reserved_mapped, "the hypervisor's addresses look unmapped even if the guest maps them")
{
    mmu_on();
    map_page(l1, 0, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 megabyte = 0; megabyte != 8; ++megabyte)
        map_section(l1, VAMBRACE_WINDOW_BASE + megabyte * MB, SCRATCH, USER_WRITE, DOMAIN_USER);
    flush_all();
    check_reserved();
    for (u32 megabyte = 0; megabyte != 8; ++megabyte)
        unmap_section(l1, VAMBRACE_WINDOW_BASE + megabyte * MB);
    unmap_section(l1, 0);
    flush_all();
}

TEST(above_the_window, "0xffff0000 and the last page are the guest's own")
{
    mmu_on();
    map_page(l1, 0xffff0000, SCRATCH, aps(USER_READ), DOMAIN_USER);
    map_page(l1, 0xfffff000, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0xff800000, SCRATCH + 2 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0xfefff000, SCRATCH + 3 * PAGE, aps(USER_WRITE), DOMAIN_USER);
    *word_at(SCRATCH) = 1;
    equal(*word_at(0xffff0000), 1, "0xffff0000");
    equal(status_of(0xffff0000, true, false), 0, "user's load");
    *word_at(0xfffffffc) = 2;
    equal(*word_at(SCRATCH + 0x1ffc), 2, "0xfffffffc");
    *word_at(0xff800000) = 3;
    equal(*word_at(SCRATCH + 0x2000), 3, "0xff800000");
    *word_at(0xfeffffff & ~3u) = 4;
    equal(*word_at(SCRATCH + 0x3ffc), 4, "0xfefffffc");
}
