// SPDX-License-Identifier: Apache-2.0
// The guest's page tables, in ARMv5's format (DDI 0100I B4.7; ARMv6 has it too, with SCTLR.XP = 0) and in
// that of
// ARMv6 and ARMv7 (DDI 0406C B3.5.1), and its MMU's registers.
#include "guest.h"

#define TABLES __attribute__((section(".bss.tables"), aligned(16384)))
u32 l1[4096] TABLES;
u32 other_l1[4096] TABLES;
static u32 coarse_pool[1024][256] __attribute__((section(".bss.tables"), aligned(1024)));
static u32 coarse_used;
u32 user_data_page[1024] __attribute__((aligned(4096)));
static u32 user_stack_page[1024] __attribute__((aligned(4096)));
extern char __user_text[], __user_text_end[];

/// Entries have four subpages with an AP each, and nothing that ARMv6 brought.
static bool subpages = ARCH == ARMV5;

/// What is added to a table's address for its words: once the MMU is on they are at the linear map's.
u32 table_words_offset;

u32 aps(u32 ap) { return subpages ? ap * 0x55 : (ap & 3) | (ap & 4) << 3; }

void map_section(u32 *table, u32 va, u32 ipa, u32 ap, u32 domain)
{
    u32 const rights = (ap & 3) << 10 | (ap & 4) << 13;
    table_words(table)[va >> 20] = (ipa & 0xfff00000) | rights | domain << 5 | (ARCH == ARMV5 ? 0x10 : 0) | 2;
}

u32 *coarse(u32 *table, u32 va, u32 domain)
{
    u32 *const entry = &table_words(table)[va >> 20];
    if ((*entry & 3) == 1)
        return table_words((u32 *)(*entry & ~0x3ffu));
    u32 *const made = coarse_pool[coarse_used++ % 1024];
    for (u32 n = 0; n != 256; ++n)
        table_words(made)[n] = 0;
    *entry = (u32)made | domain << 5 | TABLE_ENTRY;
    return table_words(made);
}

void map_page(u32 *table, u32 va, u32 ipa, u32 rights, u32 domain)
{
    coarse(table, va, domain)[va >> 12 & 255] = (ipa & ~0xfffu) | rights << 4 | 2;
}

void map_large(u32 *table, u32 va, u32 ipa, u32 rights, u32 domain)
{
    u32 *const l2 = coarse(table, va, domain);
    for (u32 n = 0; n != 16; ++n)
        l2[(va >> 12 & 0xf0) + n] = (ipa & 0xffff0000) | rights << 4 | 1;
}

void add_to_section(u32 *table, u32 va, u32 bits) { table_words(table)[va >> 20] |= bits; }

void add_to_page(u32 *table, u32 va, u32 bits)
{
    table_words((u32 *)(table_words(table)[va >> 20] & ~0x3ffu))[va >> 12 & 255] |= bits;
}

void unmap_page(u32 *table, u32 va)
{
    if ((table_words(table)[va >> 20] & 3) == 1)
        table_words((u32 *)(table_words(table)[va >> 20] & ~0x3ffu))[va >> 12 & 255] = 0;
}

void unmap_section(u32 *table, u32 va) { table_words(table)[va >> 20] = 0; }

void flush(u32 const *table, u32 va, u32 size)
{
    struct answer a = {0, 0, va, size};
    do
        a = ask(VAMBRACE_FUNCTION(TLB_FLUSH), (u32)table, a.r2, a.r3);
    while ((int)a.r0 == VAMBRACE_AGAIN);
    if (a.r0)
        fail("TLB_FLUSH gives %x", a.r0);
}

void flush_all(void) { CALL3(TLB_FLUSH, VAMBRACE_ALL_TABLES, 0, VAMBRACE_ALL_ADDRESSES); }

/// What was written to a control register holds for what follows (DDI 0406C B3.15.5).
static void instruction_barrier(void)
{
    if (ARCH != ARMV5)
        CP15_WRITE(7, 5, 4, 0);
}

void set_domain(u32 domain, u32 access)
{
    u32 const dacr = CP15_READ(3, 0, 0);
    CP15_WRITE(3, 0, 0, (dacr & ~(3u << 2 * domain)) | access << 2 * domain);
    instruction_barrier();
}

void set_sctlr(u32 set, u32 clear)
{
    CP15_WRITE(1, 0, 0, (CP15_READ(1, 0, 0) & ~clear) | set);
    instruction_barrier();
}

__attribute__((weak)) void map_native(u32 *table) { (void)table; }

void fill_kernel_map(u32 *table)
{
    for (u32 offset = 0; offset != RAM_SIZE; offset += MB) {
        map_section(table, RAM + offset, RAM + offset, KERNEL, DOMAIN_KERNEL);
        map_section(table, LINEAR_VA + offset, RAM + offset, KERNEL, DOMAIN_KERNEL);
    }
    map_section(table, VAMBRACE_PL011_IPA, VAMBRACE_PL011_IPA, KERNEL, DOMAIN_KERNEL);
    for (char *page = __user_text; page != __user_text_end; page += PAGE)
        map_page(table, USER_CODE + (u32)(page - __user_text), (u32)page, aps(USER_WRITE), DOMAIN_USER);
    map_page(table, USER_DATA, (u32)user_data_page, aps(USER_WRITE), DOMAIN_USER);
    map_page(table, USER_STACK, (u32)user_stack_page, aps(USER_WRITE), DOMAIN_USER);
    map_native(table);
}

void mmu_on(void)
{
    if (CP15_READ(1, 0, 0) & SCTLR_M)
        return;
    fill_kernel_map(l1);
    CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, RAM_SIZE);
    CP15_WRITE(3, 0, 0, CLIENT << 2 * DOMAIN_KERNEL | CLIENT << 2 * DOMAIN_USER);
    CP15_WRITE(2, 0, 0, l1);
    set_sctlr(SCTLR_M | (ARCH != ARMV5 && !subpages ? SCTLR_XP : 0), 0);
    table_words_offset = LINEAR_VA - RAM;
}

/// Without the MMU nothing is cached: what the linear map's lines hold has to be in memory.
void mmu_off(void)
{
    if (!native)
        CALL3(CACHE_OP, VAMBRACE_CACHE_DATA_ALL, 0, 0);
    table_words_offset = 0;
    set_sctlr(0, SCTLR_M);
}

void use_subpages(bool use)
{
    mmu_off();
    subpages = use;
    for (u32 n = 0; n != 4096; ++n)
        table_words(l1)[n] = 0;
    flush_all();
    set_sctlr(0, SCTLR_XP);
    mmu_on();
}

u32 user_address(void const *symbol) { return USER_CODE + (u32)((char const *)symbol - __user_text); }
