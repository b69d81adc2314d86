// SPDX-License-Identifier: Apache-2.0
// When a changed entry holds: at once where there was none, otherwise after a flush.
#include "mmu.h"

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
        u32 const entry = table_words(l1)[AREA >> 20];
        unmap_section(l1, AREA); // as unmap_area_sections: the table is freed first, then comes the flush
        for (u32 n = 0; n != 256; ++n)
            table[n] = 0;
        flush_all();
        equal(status_of(AREA, false, false) & 0xf, TRANSLATION, "the freed table's page");
        table_words(l1)[AREA >> 20] = entry;
        equal(status_of(AREA, false, false) & 0xf, TRANSLATION | PAGE_FORM, "the emptied table's page");
        map_page(l1, AREA, SCRATCH + 3 * PAGE, ap, domain);
        equal(*word_at(AREA), 3, "the page after the table's return");
        unmap_section(l1, AREA); // and elsewhere
        flush(l1, AREA, MB);
        CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, AREA, MB);
        table_words(l1)[(AREA >> 20) + 1] = entry;
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
