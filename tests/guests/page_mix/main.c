// SPDX-License-Identifier: Apache-2.0
// Neighbouring pages of every kind, changed at random and flushed together: each keeps its own rights, XN and
// frame.
// for: armv6 armv7
// native: yes
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, PAGES = 48, BX_LR = 0xe12fff1e };

static struct page {
    u32 ap, frame, xn, present;
} pages[PAGES];
static u32 random = 0x9a9e5;

static u32 below(u32 limit) { return next_random(&random) % limit; }

static u32 random_ap(void)
{
    u32 count = 0;
    while (all_aps()[count] != ~0u)
        ++count;
    return all_aps()[below(count)];
}

static void choose(u32 n)
{
    pages[n] = (struct page) {random_ap(), below(PAGES), below(3) == 0, below(8) != 0};
    u32 const va = AREA + n * PAGE;
    if (!pages[n].present) {
        unmap_page(l1, va);
        return;
    }
    map_page(l1, va, SCRATCH + pages[n].frame * PAGE, aps(pages[n].ap), DOMAIN_TEST);
    u32 const types[] = {0xc, 0x4, 0x8, 0x4c,
                         0}; // write-back, device, write-through, allocating, strongly-ordered
    add_to_page(l1, va, types[below(5)] | (pages[n].xn ? PAGE_XN : 0) | below(2) * PAGE_NG);
}

static u32 expected(u32 n, bool user, bool write)
{
    if (!pages[n].present)
        return TRANSLATION | PAGE_FORM | DOMAIN_TEST << 4;
    return expected_status(pages[n].ap, CLIENT, 0, user, write, PAGE_FORM);
}

static void check_access(u32 n)
{
    u32 const how = below(4), va = AREA + n * PAGE + 0x80 + below(32) * 4;
    u32 const status = status_of(va, how & 1, how & 2), right = expected(n, how & 1, how & 2);
    CHECK(status == right, "page %u, AP %u, access %u: status %x, not %x", n, pages[n].ap, how, status,
          right);
    if (!right && (how & 2))
        equal(*word_at(SCRATCH + pages[n].frame * PAGE + (va & 0xfff)), SENTINEL, "what was stored");
}

static void check_jump(u32 n)
{
    u32 const va = AREA + n * PAGE, right = expected(n, false, false);
    u32 const status = right ? right & 0xf : pages[n].xn ? PERMISSION | PAGE_FORM : 0;
    u32 const kind = probe(kernel_bx, va, 0);
    CHECK(kind == (status ? PREFETCH_KERNEL : NO_TRAP), "jump to page %u, AP %u, XN %u: trap %u", n,
          pages[n].ap, pages[n].xn, kind);
    if (status)
        equal(trap.r[1] & 0xf, status, "fault status of a jump");
}

static void check_some(u32 count)
{
    for (u32 n = 0; n != count && !failed(); ++n) {
        check_access(below(PAGES));
        check_jump(below(PAGES));
    }
}

static void start(void)
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    for (u32 n = 0; n != PAGES; ++n)
        *word_at(SCRATCH + n * PAGE) = BX_LR;
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, PAGES * PAGE);
    coarse(l1, AREA, DOMAIN_TEST);
    for (u32 n = 0; n != PAGES; ++n)
        choose(n);
    flush(l1, AREA, PAGES * PAGE);
}

TEST(together, "many pages changed and flushed by one call all follow")
{
    start();
    for (u32 round = 0; round != 60 && !failed(); ++round) {
        check_some(60);
        for (u32 n = 0; n != PAGES; ++n)
            if (below(3) == 0)
                choose(n);
        flush(l1, AREA, PAGES * PAGE);
    }
}

TEST(one_by_one, "pages changed and flushed one at a time follow, and the others stay")
{
    start();
    for (u32 round = 0; round != 600 && !failed(); ++round) {
        u32 const n = below(PAGES);
        choose(n);
        flush(l1, AREA + n * PAGE, PAGE);
        check_access(n);
        check_jump(n);
        check_some(4);
    }
}

TEST(as_the_core_does, "pages changed and invalidated by CP15, by address or by ASID, follow")
{
    start();
    for (u32 round = 0; round != 300 && !failed(); ++round) {
        u32 const n = below(PAGES);
        choose(n);
        CP15_WRITE(7, 10, 4, 0);
        if (round & 1) {
            CP15_WRITE(8, 7, 1, AREA + n * PAGE);
            CP15_WRITE(8, 7, 1, (AREA + n * PAGE) | 1);
        } else {
            CP15_WRITE(8, 7, 0, 0);
        }
        CP15_WRITE(7, 10, 4, 0);
        CP15_WRITE(7, 5, 4, 0);
        check_access(n);
        check_jump(n);
        check_some(3);
    }
}

TEST(with_the_flag, "the same with AFE: entries without the flag fault, and get it as a kernel would give it")
{
    start();
    set_sctlr(SCTLR_AFE, 0);
    for (u32 round = 0; round != 300 && !failed(); ++round) {
        u32 const n = below(PAGES), va = AREA + n * PAGE;
        choose(n);
        flush(l1, va, PAGE);
        if (pages[n].present && !(pages[n].ap & 1)) {
            u32 const status = status_of(va + 0x80, round & 1, round & 2);
            CHECK(status == (0x6 | DOMAIN_TEST << 4), "page %u, AP %u: status %x", n, pages[n].ap, status);
            pages[n].ap |= 1;
            add_to_page(l1, va, 1 << 4);
            flush(l1, va, PAGE);
        }
        check_access(n);
        check_jump(n);
    }
    set_sctlr(0, SCTLR_AFE);
}
