// SPDX-License-Identifier: Apache-2.0
// The fuzzed code's page tables: made anew now and then, and spoiled in between.
#include "fuzz.h"

u32 *const tables[TABLE_COUNT] = {l1, other_l1, (u32 *)TABLES, (u32 *)(TABLES + 0x4000)};

/// Rights for the pages of a megabyte in turn; nothing where there is none.
static u32 const mixed[] = {USER_WRITE, USER_READ,  KERNEL, NONE_SR,
                            USER_WRITE, USER_WRITE, KERNEL, USER_READ};

static void map_mixed(u32 *table, u32 va, u32 ipa)
{
    for (u32 n = 0; n != 64; ++n)
        if (n % 9 != 8)
            map_page(table, va + n * PAGE, ipa + n * PAGE, aps(mixed[n % 8]), DOMAIN_USER);
}

static void map_megabyte_0(u32 *table, u32 how)
{
    if (how == 0) {
        map_section(table, MEGABYTE_0, CODE, USER_WRITE, DOMAIN_USER);
        return;
    }
    for (u32 n = 0; n != 15; ++n)
        map_page(table, MEGABYTE_0 + n * PAGE, CODE + n * PAGE, aps(USER_WRITE), DOMAIN_USER);
    map_large(table, 0x10000, how == 1 ? CODE : DATA, aps(USER_WRITE), DOMAIN_USER);
    map_large(table, 0x20000, DATA, aps(USER_READ), DOMAIN_USER);
}

static void rebuild(u32 *table, u32 how)
{
    for (u32 n = 0; n != 4096; ++n)
        table_words(table)[n] = 0;
    for (u32 offset = 0; offset != RAM_SIZE; offset += MB)
        map_section(table, RAM + offset, RAM + offset, KERNEL, DOMAIN_KERNEL);
    for (u32 offset = 0; offset != 8 * MB; offset += MB)
        map_section(table, ALIAS + offset, SCRATCH + offset, KERNEL, DOMAIN_KERNEL);
    for (u32 offset = 0; offset != CODE_SIZE; offset += PAGE)
        map_page(table, USER_CODE_PAGES + offset, CODE + offset, aps(USER_WRITE), DOMAIN_USER);
    map_large(table, USER_LARGE, CODE, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 1; n != 5; ++n)
        map_large(table, USER_LARGE + n * 0x10000, DATA + n * 0x10000, aps(mixed[n]), DOMAIN_USER);
    map_section(table, USER_SECTION, CODE, USER_WRITE, DOMAIN_USER);
    map_section(table, USER_DATA_SECTION, DATA, how & 1 ? USER_READ : USER_WRITE, DOMAIN_USER);
    map_mixed(table, MIXED, DATA);
    map_mixed(table, MIXED_STACKS, STACKS);
    map_page(table, HIGH_PAGE, DATA, aps(USER_READ), DOMAIN_USER);
    map_section(table, UART, UART, how & 1 ? USER_WRITE : KERNEL, DOMAIN_KERNEL);
    map_section(table, 0xff000000, DATA, USER_WRITE, DOMAIN_USER); // the hypervisor's: to no effect
    map_section(table, 0xff800000, DATA, USER_WRITE, DOMAIN_USER);
    map_megabyte_0(table, how);
}

void rebuild_tables(void)
{
    for (u32 n = 0; n != TABLE_COUNT; ++n)
        rebuild(tables[n], below(4));
}

static u32 some_address(void)
{
    static u32 const megabytes[] = {0,          0,          USER_CODE_PAGES, USER_LARGE,   USER_SECTION,
                                    MIXED,      MIXED,      MIXED_STACKS,    MIXED_STACKS, USER_DATA_SECTION,
                                    UART,       0xfef00000, 0xff000000,      0xff700000,   0xff800000,
                                    0xfff00000, ALIAS,      STACKS,          0x50000000,   0x10600000};
    return megabytes[below(sizeof megabytes / sizeof megabytes[0])] + (below(once_in(3) ? 256 : 48) << 12);
}

/// Mostly memory that may be lost, now and then what is none.
static u32 some_ipa(void)
{
    static u32 const others[] = {UART, RAM_END, 0, 0xff000000, 0x101f1000, 0x10009000, RAM - MB};
    return once_in(12) ? others[below(7)] : CODE + (below(6) * MB) + (below(256) << 12);
}

static u32 first_level_entry(void)
{
    u32 const domain = (once_in(6) ? below(16) : below(2)) << 5;
    u32 const random = rnd();
    switch (below(8)) {
    case 0: return 0;
    case 1:
        return (random & 3) == 2 ? (random & 0xfffff) | (some_ipa() & 0xfff00000)
                                 : random; // supersections too
    case 2:
    case 3: return (COARSES + below(COARSE_COUNT) * 1024) | domain | TABLE_ENTRY | (once_in(8) ? 2 : 0);
    default:
        return (some_ipa() & 0xfff00000) | domain | (ARCH == ARMV5 ? 0x10 : 0) | 2 | (random & 0xc00) |
               (once_in(3) ? random & (ARCH == ARMV5 ? 0xc : 0x3f01c) : 0);
    }
}

static u32 page_entry(void)
{
    u32 const random = rnd();
    switch (below(8)) {
    case 0: return 0;
    case 1: return random;
    case 2:
    case 3: return (some_ipa() & 0xffff0000) | (random & 0x23c) | 1;
    case 4: return (some_ipa() & 0xfffff000) | (random & 0xfff);
    default: return (some_ipa() & 0xfffff000) | (random & (ARCH == ARMV5 ? 0xffc : 0x3c)) | 2;
    }
}

/// All sixteen entries of a large page, or one of anything.
static void change_page(u32 *l2, u32 va)
{
    u32 const entry = page_entry(), index = va >> 12 & 255;
    if ((entry & 3) != 1 || once_in(6)) {
        l2[index] = entry;
        return;
    }
    for (u32 n = 0; n != 16; ++n)
        l2[(index & 0xf0) + n] = entry;
}

static void tell(u32 *table, u32 va)
{
    switch (below(6)) {
    case 0: return; // against the ABI: what it sees is its own affair
    case 1: CP15_WRITE(8, 7, 1, va); return;
    case 2: CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, va, PAGE << (rnd() & 15)); return;
    default: CALL3(TLB_FLUSH, table, va, PAGE << (once_in(2) ? 0 : rnd() & 7)); return;
    }
}

/// It names a table that may be spoiled: one of map_page()'s or one of ours.
static bool is_second_level(u32 entry)
{
    u32 const at = entry & ~0x3ffu, pool = (u32)other_l1 + sizeof other_l1;
    return (entry & 3) == 1 && (at - COARSES < COARSE_COUNT * 1024 || at - pool < MB);
}

void mutate_tables(void)
{
    u32 *const table = tables[below(TABLE_COUNT)];
    u32 const va = some_address(), entry = table_words(table)[va >> 20];
    if (once_in(3) || !is_second_level(entry))
        table_words(table)[va >> 20] = first_level_entry();
    else
        change_page(table_words((u32 *)(entry & ~0x3ffu)), va);
    tell(table, va);
}
