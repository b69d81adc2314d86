// SPDX-License-Identifier: Apache-2.0
// The guest's page tables: what each entry permits, which fault it gives, and when a change holds.
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SECTION_AREA = 0x20200000, LARGE_AREA = 0x20300000 };
/// ARMv6 and ARMv7 have one external abort for sections and pages.
enum { EXTERNAL_PAGE = ARCH == ARMV5 ? PAGE_FORM : 0 };

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
    l1[AREA >> 20] = SCRATCH | DOMAIN_TEST << 5 | 3;
    flush(l1, AREA, MB);
    u32 const status = status_of(AREA, false, false);
    CHECK(status != 0, "the entry is followed");
    if (ARCH != ARMV5)
        equal(status & 0xf, TRANSLATION, "fault status");
    l1[AREA >> 20] = 0;
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

/* --- changes and flushes
 * ---------------------------------------------------------------------------------------------- */

static void number_frames(u32 count)
{
    for (u32 n = 0; n != count; ++n)
        *word_at(SCRATCH + n * PAGE) = n;
}

TEST(absent_to_present, "an entry that was absent holds without a flush")
{
    mmu_on();
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
    number_frames(256);
    for (u32 n = 0; n != 256; ++n) {
        equal(status_of(AREA + n * PAGE, false, false) & 0x5, TRANSLATION, "status before");
        map_page(l1, AREA + n * PAGE, SCRATCH + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
        equal(*word_at(AREA + n * PAGE), n, "the page");
    }
}

TEST(resync_frames, "after a flush a changed frame holds, for kernel and user pages")
{
    mmu_on();
    number_frames(16);
    for (u32 kind = 0; kind != 2; ++kind) {
        unmap_section(l1, AREA);
        flush(l1, AREA, MB);
        for (u32 n = 0; n != 16; ++n) {
            map_page(l1, AREA, SCRATCH + n * PAGE, aps(kind ? USER_WRITE : KERNEL), DOMAIN_USER);
            flush(l1, AREA, PAGE);
            equal(*word_at(AREA), n, "the page");
            if (kind) {
                equal(run_user(user_address(user_ldr), AREA, 0), SVC_USER, "kind of trap");
                equal(trap.frame.r[1], n, "what user reads");
            }
        }
    }
}

TEST(resync_rights, "after a flush changed rights hold, more and less")
{
    mmu_on();
    u32 const order[] = {USER_WRITE, USER_READ,  USER_WRITE, KERNEL, USER_READ,
                         NONE_SR,    USER_WRITE, KERNEL,     NONE_SR};
    unmap_section(l1, AREA);
    for (u32 n = 0; n != sizeof order / 4; ++n) {
        map_page(l1, AREA, SCRATCH, aps(order[n]), DOMAIN_USER);
        flush(l1, AREA, PAGE);
        for (u32 how = 0; how != 4; ++how) {
            enum right const right = right_of(order[n], CLIENT, 0, how & 1);
            u32 const status = status_of(AREA, how & 1, how & 2);
            CHECK((status == 0) == (right >= (how & 2 ? WRITE : READ)), "AP %u, access %u: status %x",
                  order[n], how, status);
        }
    }
}

TEST(unmap, "after a flush an unmapped page is gone, for kernel and user")
{
    mmu_on();
    unmap_section(l1, AREA);
    for (u32 n = 0; n != 16; ++n)
        map_page(l1, AREA + n * PAGE, SCRATCH + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 16; ++n)
        (void)*word_at(AREA + n * PAGE);
    unmap_page(l1, AREA + 5 * PAGE);
    flush(l1, AREA + 5 * PAGE, PAGE);
    equal(status_of(AREA + 5 * PAGE, false, false) & 0xf, TRANSLATION | PAGE_FORM, "kernel's load");
    equal(status_of(AREA + 5 * PAGE, true, true) & 0xf, TRANSLATION | PAGE_FORM, "user's store");
    equal(status_of(AREA + 4 * PAGE, true, true), 0, "the page before");
    equal(status_of(AREA + 6 * PAGE, true, true), 0, "the page behind");
}

TEST(table_freed_and_reused, "a second-level table that is freed and used again shows what is in it now")
{
    mmu_on();
    number_frames(8);
    for (u32 kind = 0; kind != 2; ++kind) {
        u32 const ap = aps(kind ? USER_WRITE : KERNEL), domain = kind ? DOMAIN_USER : DOMAIN_KERNEL;
        unmap_section(l1, AREA);
        unmap_section(l1, AREA + MB);
        flush_all();
        u32 *const table = coarse(l1, AREA, domain);
        map_page(l1, AREA, SCRATCH, ap, domain);
        equal(*word_at(AREA), 0, "the page");
        u32 const entry = l1[AREA >> 20];
        unmap_section(l1, AREA); // as unmap_area_sections: the table is freed first, then comes the flush
        for (u32 n = 0; n != 256; ++n)
            table[n] = 0;
        flush_all();
        equal(status_of(AREA, false, false) & 0xf, TRANSLATION, "the freed table's page");
        l1[AREA >> 20] = entry;
        equal(status_of(AREA, false, false) & 0xf, TRANSLATION | PAGE_FORM, "the emptied table's page");
        map_page(l1, AREA, SCRATCH + 3 * PAGE, ap, domain);
        equal(*word_at(AREA), 3, "the page after the table's return");
        unmap_section(l1, AREA); // and elsewhere
        flush(l1, AREA, MB);
        CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, AREA, MB);
        l1[(AREA >> 20) + 1] = entry;
        table[0] = 0;
        map_page(l1, AREA + MB, SCRATCH + 4 * PAGE, ap, domain);
        equal(*word_at(AREA + MB), 4, "the page at the table's new place");
        equal(status_of(AREA, false, false) & 0xf, TRANSLATION, "the old place");
        unmap_section(l1, AREA + MB);
    }
}

TEST(whole_megabyte_flush, "ALL_TABLES for a whole kernel megabyte forgets it, wherever its table is cached")
{
    mmu_on();
    number_frames(4);
    unmap_section(l1, AREA);
    flush_all();
    map_page(l1, AREA, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    equal(*word_at(AREA), 0, "the page");
    map_page(l1, AREA, SCRATCH + PAGE, aps(KERNEL), DOMAIN_KERNEL);
    CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, AREA, MB);
    equal(*word_at(AREA), 1, "the page after the flush");
    map_page(l1, AREA, SCRATCH + 2 * PAGE, aps(KERNEL), DOMAIN_KERNEL);
    CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, AREA - 4 * MB, 16 * MB);
    equal(*word_at(AREA), 2, "the page after a wide flush");
}

/// A new table at the old base.
static void copy_kernel_map(void)
{
    CALL1(FORGET_TABLE, other_l1);
    for (u32 n = 0; n != 4096; ++n)
        other_l1[n] = 0;
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
    other_l1[AREA >> 20] = l1[AREA >> 20];
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
            table[word] = other_l1[word];
        table[AREA >> 20] = 0;
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
    l1[AREA >> 20] = (l1[AREA >> 20] & ~0x1e0u) | 9 << 5; // domain 9: no access
    flush(l1, AREA, MB);
    equal(status_of(AREA, true, true), DOMAIN_FAULT | PAGE_FORM | 9 << 4, "in a closed domain, user");
    equal(status_of(AREA, false, true), DOMAIN_FAULT | PAGE_FORM | 9 << 4, "in a closed domain, kernel");
    l1[AREA >> 20] = 0;
}

/* --- where nothing is
 * ----------------------------------------------------------------------------------------------- */

static void check_outside(u32 base, u32 domain)
{
    equal(status_of(base, false, false), EXTERNAL | EXTERNAL_PAGE | domain << 4, "kernel's load");
    equal(status_of(base + 0x10, false, true), EXTERNAL | EXTERNAL_PAGE | domain << 4, "kernel's store");
    equal(probe(kernel_bx, base, 0), PREFETCH_KERNEL, "kind of trap of a jump");
    equal(trap.r[1] & 0xf, EXTERNAL | EXTERNAL_PAGE, "status of a jump");
}

TEST(outside_ram, "an access where nothing is gives the external abort, and a fetch the prefetch abort")
{
    mmu_on();
    u32 const nowhere[] = {RAM_END, RAM - PAGE, 0, 0x10000, 0x101f1000, 0x10140000, 0xfffff000, 0x60000000};
    for (u32 n = 0; n != sizeof nowhere / sizeof nowhere[0]; ++n) {
        unmap_section(l1, AREA);
        map_page(l1, AREA, nowhere[n], aps(USER_WRITE), DOMAIN_USER);
        flush(l1, AREA, MB);
        u32 const status = status_of(AREA, false, false);
        CHECK((status & 0xf) == (EXTERNAL | EXTERNAL_PAGE), "page at %x: status %x", nowhere[n], status);
        check_outside(AREA, status >> 4);
        equal(status_of(AREA, true, true) & 0xf, EXTERNAL | EXTERNAL_PAGE, "user's store");
        map_section(l1, SECTION_AREA, nowhere[n], USER_WRITE, DOMAIN_USER);
        flush(l1, SECTION_AREA, MB);
        u32 const at = SECTION_AREA + (nowhere[n] & 0xff000);
        CHECK((status_of(at, false, false) & 0xf) == EXTERNAL, "section at %x: status %x", nowhere[n],
              trap.r[1]);
        equal(status_of(at, true, true) & 0xf, EXTERNAL, "user's store");
    }
}

TEST(outside_ram_mmu_off, "with the MMU off an access where nothing is gives fault status 8 and the address")
{
    mmu_off();
    u32 const nowhere[] = {RAM_END,    RAM - PAGE, 0x1000,     0x10000,
                           0x101f1000, 0x20002000, 0xfffffffc, 0x60000000};
    for (u32 n = 0; n != sizeof nowhere / sizeof nowhere[0]; ++n) {
        CHECK(status_of(nowhere[n], false, false) == EXTERNAL, "load at %x: status %x", nowhere[n],
              trap.r[1]);
        CHECK(status_of(nowhere[n], false, true) == EXTERNAL, "store at %x: status %x", nowhere[n],
              trap.r[1]);
    }
    equal(probe(kernel_bx, RAM_END, 0), PREFETCH_KERNEL, "kind of trap of a jump");
    equal(trap.r[1] & 0xf, EXTERNAL, "status of a jump");
    mmu_on();
}

TEST(last_page_of_ram, "the last page of RAM is the guest's, the next is nobody's")
{
    mmu_on();
    map_page(l1, 0x20500000, RAM_END - PAGE, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0x20501000, RAM_END, aps(USER_WRITE), DOMAIN_USER);
    *word_at(0x20500ffc) = 0x1a57;
    equal(*word_at(RAM_END - 4), 0x1a57, "the last word");
    extern operation kernel_stm;
    equal(probe(kernel_stm, 0x20500ffc, 0), DATA_KERNEL, "kind of trap");
    equal(trap.r[0], 0x20501000, "fault address");
}

TEST(tables_outside_ram, "second-level tables outside RAM give the external abort on translation")
{
    mmu_on();
    u32 const nowhere[] = {RAM_END, 0, 0x101f1000, 0xfffffc00, RAM - 1024};
    for (u32 n = 0; n != 5; ++n) {
        l1[AREA >> 20] = (nowhere[n] & ~0x3ffu) | DOMAIN_USER << 5 | TABLE_ENTRY;
        flush(l1, AREA, MB);
        u32 const status = status_of(AREA, false, false);
        CHECK((status & 0xf) == 0xe, "table at %x: status %x", nowhere[n], status);
    }
    l1[AREA >> 20] = 0;
    flush(l1, AREA, MB);
}

TEST(alignment, "with SCTLR.A an unaligned access is an alignment fault, before any other")
{
    mmu_on();
    set_sctlr(SCTLR_A, 0);
    u32 const kernel = probe(kernel_ldr, USER_DATA + 2, 0), kernel_status = trap.r[1],
              kernel_address = trap.r[0];
    u32 const user = run_user(user_address(user_str), USER_DATA + 1, 0), user_status = trap.r[1];
    u32 const nowhere = probe(kernel_ldr, 0x70000001, 0), nowhere_status = trap.r[1];
    set_sctlr(0, SCTLR_A);
    equal(kernel, DATA_KERNEL, "kind of trap");
    equal(kernel_status & 0xf, 0x1, "fault status");
    equal(kernel_address, USER_DATA + 2, "fault address");
    equal(user, DATA_USER, "kind of trap");
    equal(user_status & 0xf, 0x1, "fault status");
    equal(nowhere, DATA_KERNEL, "kind of trap");
    equal(nowhere_status & 0xf, 0x1, "fault status where nothing is mapped");
}

TEST(every_access_width, "every load and store works on guest user's page, from kernel and user")
{
    mmu_on();
    for (u32 n = 0; n != access_count; ++n) {
        u32 const kernel = probe(accesses[n].kernel, USER_DATA + 16, 0x01020304);
        CHECK(kernel == NO_TRAP, "%s from kernel gives trap %u", accesses[n].name, kernel);
        u32 const user = run_user(user_address(accesses[n].user), USER_DATA + 16, 0x01020304);
        CHECK(user == SVC_USER, "%s from user gives trap %u", accesses[n].name, user);
    }
}

TEST(every_store_is_stopped, "every store to a read-only page is a permission fault, every load is none")
{
    mmu_on();
    unmap_section(l1, AREA);
    map_page(l1, AREA, SCRATCH, aps(USER_READ), DOMAIN_USER);
    flush(l1, AREA, MB);
    for (u32 word = 0; word != 8; ++word)
        *word_at(SCRATCH + word * 4) = SENTINEL;
    for (u32 n = 0; n != access_count; ++n) {
        u32 const kernel = probe(accesses[n].kernel, AREA, 0);
        CHECK(kernel == (accesses[n].writes ? DATA_KERNEL : NO_TRAP), "%s from kernel gives trap %u",
              accesses[n].name, kernel);
        if (kernel)
            expect_abort(DATA_KERNEL, AREA, PERMISSION | PAGE_FORM | DOMAIN_USER << 4 | DFSR_WRITE);
        u32 const user = run_user(user_address(accesses[n].user), AREA, 0);
        CHECK(user == (accesses[n].writes ? DATA_USER : SVC_USER), "%s from user gives trap %u",
              accesses[n].name, user);
        if (user == DATA_USER)
            expect_abort(DATA_USER, AREA, PERMISSION | PAGE_FORM | DOMAIN_USER << 4 | DFSR_WRITE);
    }
    for (u32 word = 0; word != 8; ++word)
        equal(*word_at(SCRATCH + word * 4), SENTINEL, "a word of the page");
}
