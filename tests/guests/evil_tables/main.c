// SPDX-License-Identifier: Apache-2.0
// Page tables that point everywhere: none of it may be reached but the guest's own RAM and its UART.
// hostile: ends by itself
#include "guest.h"

enum { AREA = 0x20100000, SENTINEL = 0xbadbad00, UART = VAMBRACE_PL011_IPA };

/// IPAs that a guest may hope to be something: the hypervisor's RAM, its window, the other guest, the board's
/// devices.
static u32 const targets[] = {
    0,          0x1000,     0x8000,       0x10000,           0x11000,        0x20000,
    0x80000,    0xff000,    0x100000,     0x200000,          0x300000,       0x400000,
    0x1200000,  0x2200000,  0x3000000,    0x7f00000,         0x7fff000,      0x10000000,
    0x10001000, 0x10140000, 0x101e2000,   0x101e3000,        0x101f1000,     0x101f2000,
    0x10120000, 0x34000000, UART + PAGE,  UART - PAGE,       UART + 0x12000, 0x8000000,
    0x8010000,  RAM_END,    RAM_END + MB, RAM_END + 16 * MB, RAM - PAGE,     0x3ff00000,
    0x80000000, 0xc0000000, 0xff000000,   0xff100000,        0xff110000,     0xff200000,
    0xff300000, 0xff400000, 0xff7ff000,   0xffff0000,        0xfffff000,
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

/// With every access, or with a choice of them.
static void check_unreachable(u32 va, u32 what, u32 step)
{
    for (u32 n = what >> 12 & 3 ? 0 : step / 2; n < access_count; n += step) {
        u32 const kernel = probe(accesses[n].kernel, va, SENTINEL);
        CHECK(kernel == DATA_KERNEL, "%s reaches %x from kernel (trap %u)", accesses[n].name, what, kernel);
    }
    equal(run_user(user_address(user_ldr), va, 0), DATA_USER, "user's load");
    equal(run_user(user_address(user_str), va, SENTINEL), DATA_USER, "user's store");
    equal(probe(kernel_bx, va, 0), PREFETCH_KERNEL, "kernel's jump");
    equal(run_user(user_address(user_bx), va, 0), PREFETCH_USER, "user's jump");
}

static void for_each_domain(void (*check)(void))
{
    for (u32 access = CLIENT; access <= MANAGER; access += 2) {
        set_domain(DOMAIN_USER, access);
        check();
    }
    set_domain(DOMAIN_USER, CLIENT);
}

static void check_pages(void)
{
    unmap_section(l1, AREA);
    for (u32 n = 0; n != TARGETS; ++n)
        map_page(l1, AREA + n * PAGE, targets[n], aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, MB);
    for (u32 n = 0; n != TARGETS; ++n)
        check_unreachable(AREA + n * PAGE, targets[n], 1);
}

TEST(pages, "small pages that point at what is not the guest's abort")
{
    mmu_on();
    for_each_domain(check_pages);
}

static void check_sections(void)
{
    for (u32 n = 0; n != TARGETS; ++n) {
        if (targets[n] >> 20 == UART >> 20)
            continue;
        map_section(l1, AREA, targets[n], USER_WRITE, DOMAIN_USER);
        flush(l1, AREA, MB);
        check_unreachable(AREA + (targets[n] & 0xff000), targets[n], 5);
    }
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
}

TEST(sections, "sections that point at what is not the guest's abort")
{
    mmu_on();
    for_each_domain(check_sections);
}

static void check_large_pages(void)
{
    for (u32 n = 0; n != TARGETS; ++n) {
        if (targets[n] >> 16 == UART >> 16)
            continue;
        unmap_section(l1, AREA);
        map_large(l1, AREA, targets[n], aps(USER_WRITE), DOMAIN_USER);
        flush(l1, AREA, MB);
        check_unreachable(AREA + (targets[n] & 0xf000), targets[n], 5);
    }
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
}

TEST(large_pages, "large pages that point at what is not the guest's abort")
{
    mmu_on();
    for_each_domain(check_large_pages);
}

TEST(supersections, "bits of the entry that ARMv5 does not have open nothing")
{
    mmu_on();
    for (u32 bit = 0; bit != 20; ++bit) {
        table_words(l1)[AREA >> 20] = (0x00100000 | USER_WRITE << 10 | DOMAIN_USER << 5 | 2) | 1u << bit;
        if ((table_words(l1)[AREA >> 20] & 3) == 3)
            table_words(l1)[AREA >> 20] =
                0x00100000 | DOMAIN_USER << 5 | 3; // a fine table in the hypervisor's RAM
        flush(l1, AREA, MB);
        CHECK(probe(kernel_ldr, AREA, 0) == DATA_KERNEL, "L1 entry %x opens something",
              table_words(l1)[AREA >> 20]);
    }
    unmap_section(l1, AREA);
}

TEST_ON(ARMV6 | ARMV7, supersections_elsewhere,
        "supersections that point at what is not the guest's abort, near and beyond 4 GB")
{
    mmu_on();
    for (u32 n = 0; n != TARGETS; ++n) {
        if ((targets[n] & 0xff000000) == (RAM & 0xff000000) || targets[n] >> 24 == UART >> 24)
            continue;
        for (u32 entry = 0; entry != 16; ++entry) {
            u32 const far = n & 1 ? (n & 15) << 20 | (n >> 1 & 15) << 5 : 0;
            table_words(l1)[0x300 + entry] =
                (targets[n] & 0xff000000) | far | USER_WRITE << 10 | SECTION_SUPER | 2;
        }
        flush(l1, 0x30000000, 16 * MB);
        check_unreachable(0x30000000 + (targets[n] & 0xfff000), targets[n], 5);
    }
    for (u32 entry = 0; entry != 16; ++entry)
        table_words(l1)[0x300 + entry] = 0;
    flush(l1, 0x30000000, 16 * MB);
}

TEST(foreign_tables, "second-level tables outside the guest's RAM are not followed")
{
    mmu_on();
    for (u32 n = 0; n != TARGETS; ++n) {
        table_words(l1)[AREA >> 20] = (targets[n] & ~0x3ffu) | DOMAIN_USER << 5 | TABLE_ENTRY;
        flush(l1, AREA, MB);
        for (u32 page = 0; page < 256; page += 51)
            CHECK(probe(kernel_ldr, AREA + page * PAGE, 0) == DATA_KERNEL, "the table at %x is followed",
                  targets[n]);
    }
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
}

TEST(self_reference, "tables that are their own second-level tables, and map themselves, harm nobody")
{
    mmu_on();
    for (u32 quarter = 0; quarter != 16; ++quarter) {
        table_words(l1)[AREA >> 20] = ((u32)l1 + quarter * 1024) | DOMAIN_USER << 5 | TABLE_ENTRY;
        flush(l1, AREA, MB);
        for (u32 page = 0; page < 256; page += 7) {
            (void)probe(kernel_ldr, AREA + page * PAGE, 0);
            (void)run_user(user_address(user_ldr), AREA + page * PAGE, 0);
        }
    }
    u32 *const table = table_words((u32 *)SCRATCH);
    for (u32 n = 0; n != 256; ++n)
        table[n] =
            SCRATCH | aps(USER_WRITE) << 4 | 2; // every page is the table itself, writable by guest user
    table_words(l1)[AREA >> 20] = SCRATCH | DOMAIN_USER << 5 | TABLE_ENTRY;
    flush(l1, AREA, MB);
    for (u32 n = 0; n != TARGETS; ++n) {
        equal(run_user(user_address(user_str), AREA + 4 * n, targets[n] | 0xff2), SVC_USER,
              "user writes its table");
        (void)run_user(user_address(user_ldr), AREA + n * PAGE, 0);
        flush(l1, AREA, MB);
        table[n] = SCRATCH | aps(USER_WRITE) << 4 | 2;
    }
    unmap_section(l1, AREA);
    flush(l1, AREA, MB);
}

TEST(random_tables, "a table of random words: nothing but the guest's own memory is behind it")
{
    mmu_on();
    u32 random = 0xfeedface;
    u32 *const keep = (u32 *)(SCRATCH + 4 * MB);
    for (u32 round = 0; round != 4; ++round) {
        for (u32 n = 0; n != 4096; ++n)
            table_words(other_l1)[n] = next_random(&random);
        unmap_section(other_l1, USER_CODE);
        unmap_section(other_l1, USER_DATA);
        fill_kernel_map(other_l1);
        for (u32 n = 0; n != MB / 4; ++n)
            keep[n] = next_random(&random); // second-level tables, should one be chosen
        CALL1(FORGET_TABLE, other_l1);
        CALL1(SWITCH_TABLE, other_l1);
        set_sctlr(round & 1 ? SCTLR_S : SCTLR_R, SCTLR_S | SCTLR_R);
        for (u32 n = 0; n != 500; ++n) {
            u32 const va = next_random(&random);
            if (va - RAM < RAM_SIZE || va - LINEAR_VA < RAM_SIZE || va - UART < MB || va >> 12 == 0xff000)
                continue;
            (void)probe(kernel_ldr, va & ~3u, 0);
            (void)run_user(user_address(user_ldr), va & ~3u, 0);
        }
        CALL1(SWITCH_TABLE, l1);
        set_sctlr(0, SCTLR_S | SCTLR_R);
    }
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(frames_through_them, "hypercalls do not reach through such entries either")
{
    mmu_on();
    unmap_section(l1, AREA);
    for (u32 n = 0; n != TARGETS; ++n)
        map_page(l1, AREA + n * PAGE, targets[n], aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, MB);
    for (u32 n = 0; n != TARGETS; ++n) {
        u32 const va = AREA + n * PAGE + 0x100;
        equal((u32)CALL2(COUNTERS_READ, va, 16), (u32)VAMBRACE_INVALID_ADDRESS, "COUNTERS_READ");
        equal((u32)CALL1(SET_VECTORS, va), (u32)VAMBRACE_INVALID_ADDRESS, "SET_VECTORS");
        equal((u32)resume((struct vambrace_frame *)va), (u32)VAMBRACE_INVALID_ADDRESS, "RETURN");
        equal(probe_on(va + 0x100, kernel_ldr, 0x70000000, 0), DOUBLE_FAULT, "trap with such a stack");
    }
}

TEST(evil_base, "a table base near the end of RAM or outside it ends in aborts, not in anything else")
{
    mmu_on();
    u32 const bases[] = {RAM_END - 0x4000, RAM_END, RAM - 0x4000, 0, 0x10000, 0xffffc000};
    for (u32 n = 0; n != 6; ++n)
        CHECK(n == 0 || CALL1(SWITCH_TABLE, bases[n]) != 0, "SWITCH_TABLE to %x is taken", bases[n]);
    u32 *const last = (u32 *)(RAM_END - 0x4000);
    for (u32 n = 0; n != 4096; ++n)
        last[n] = 0;
    fill_kernel_map(last);
    equal((u32)CALL1(SWITCH_TABLE, last), 0, "SWITCH_TABLE to the last 16 KB");
    equal(probe(kernel_ldr, 0xfffffffc, 0), DATA_KERNEL, "a load whose entry is RAM's last word");
    CALL1(SWITCH_TABLE, l1);
    CALL1(FORGET_TABLE, last);
}
