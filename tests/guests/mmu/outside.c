// SPDX-License-Identifier: Apache-2.0
// Accesses where nothing is, unaligned ones, and those of every width.
#include "mmu.h"

/// ARMv6 and ARMv7 have one external abort for sections and pages.
enum { EXTERNAL_PAGE = ARCH == ARMV5 ? PAGE_FORM : 0 };

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
                           0x101f1000, 0x09011000, 0xfffffffc, 0x60000000};
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
        table_words(l1)[AREA >> 20] = (nowhere[n] & ~0x3ffu) | DOMAIN_USER << 5 | TABLE_ENTRY;
        flush(l1, AREA, MB);
        u32 const status = status_of(AREA, false, false);
        CHECK((status & 0xf) == 0xe, "table at %x: status %x", nowhere[n], status);
    }
    table_words(l1)[AREA >> 20] = 0;
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
