// SPDX-License-Identifier: Apache-2.0
// A kernel that has no linear map and writes its tables through the cache: the hypervisor reads them in
// memory, where they may not be yet. QEMU has no cache; the coherency checker sees what is needed.
#include "guest.h"

enum {
    CACHED = 0x20100000,
    PLAIN = 0x20200000,
    CB = 3 << 2,
};

/// RAM at its own address, cached, and no word to the hypervisor about where that is.
static void mmu_on_without_linear_map(void)
{
    if (CP15_READ(1, 0, 0) & SCTLR_M)
        return;
    fill_kernel_map(l1);
    for (u32 offset = 0; offset != RAM_SIZE; offset += MB) {
        unmap_section(l1, LINEAR_VA + offset);
        add_to_section(l1, RAM + offset, CB);
    }
    CP15_WRITE(3, 0, 0, CLIENT << 2 * DOMAIN_KERNEL | CLIENT << 2 * DOMAIN_USER);
    CP15_WRITE(2, 0, 0, l1);
    set_sctlr(SCTLR_M | (ARCH != ARMV5 ? SCTLR_XP : 0), 0);
}

TEST(reads, "an entry that was written through the cache is what the hypervisor reads")
{
    mmu_on_without_linear_map();
    for (u32 n = 0; n != 8; ++n) {
        *(u32 volatile *)(SCRATCH + n * PAGE) = n + 1;
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_DATA_ALL, 0, 0), 0, "CACHE_OP");
        map_page(l1, PLAIN + n * PAGE, SCRATCH + n * PAGE, aps(KERNEL), DOMAIN_KERNEL);
        equal(*(u32 volatile *)(PLAIN + n * PAGE), n + 1, "a word of the page");
    }
}

TEST(changes, "so is one that was changed through the cache and flushed")
{
    mmu_on_without_linear_map();
    for (u32 n = 0; n != 8; ++n) {
        map_page(l1, PLAIN, SCRATCH + n * PAGE, aps(KERNEL), DOMAIN_KERNEL);
        flush(l1, PLAIN, PAGE);
        equal(*(u32 volatile *)PLAIN, n + 1, "a word of the page");
    }
}

TEST(page, "CACHE_PAGE works on a page that nobody has told the hypervisor the address of")
{
    mmu_on_without_linear_map();
    map_page(l1, CACHED, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    add_to_page(l1, CACHED, CB);
    map_page(l1, PLAIN, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    flush(l1, CACHED, PAGE);
    flush(l1, PLAIN, PAGE);
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, CACHED), 0, "CACHE_OP");
    for (u32 n = 1; n != 100; n += 9) {
        ((u32 volatile *)CACHED)[n] = n;
        equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, SCRATCH, CACHED), 0, "CACHE_OP");
        equal(((u32 volatile *)PLAIN)[n], n, "a word in memory");
    }
}
