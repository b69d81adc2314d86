// SPDX-License-Identifier: Apache-2.0
// Looks for memory that is not its own: every 2 MB of the addresses of 32 bits and samples of those of 40,
// through its own tables, with tables in odd places, and with maintenance of everything.
// hostile: ends by itself
#include "stage2.h"

enum { WINDOW = 0xc0000000, BLOCK = 2 << 20 };

static u32 state = 0x2b1d5eed;

static bool is_device(u64 ipa)
{
    return ipa - VAMBRACE_GICD_IPA < 0x12000 || ipa - VAMBRACE_PL011_IPA < PAGE ||
           ipa - VAMBRACE_PL031_IPA < PAGE;
}
static bool is_mine(u64 ipa) { return ipa - RAM < RAM_SIZE || is_device(ipa); }

/// A load, a store and a fetch at an address that nothing of ours is at.
static void attempt(u32 va, u64 ipa, u32 status)
{
    u32 const load = probe(op_load, va, 0), load_status = trap.status;
    u32 const store = probe(op_store, va, 0xbad), store_status = trap.status;
    u32 const fetch = probe(op_jump, va & ~3u, 0), fetch_status = trap.status;
    if (load != DATA_ABORT || store != DATA_ABORT || fetch != PREFETCH_ABORT)
        return fail("at %x %x: traps %u %u %u", (u32)(ipa >> 32), (u32)ipa, load, store, fetch);
    if (load_status != status || store_status != (status | DFSR_WRITE) || fetch_status != status)
        fail("at %x %x: status %x %x %x", (u32)(ipa >> 32), (u32)ipa, load_status, store_status,
             fetch_status);
}

TEST(below_4g, "nothing answers in any 2 MB outside the map, by long descriptors")
{
    mmu_long();
    for (u32 n = 0; n != 2048 && !failed(); ++n) {
        u32 const ipa = n * BLOCK, offset = next_random(&state) % BLOCK & ~3u;
        map_long(WINDOW, ipa | LONG_NORMAL);
        if (!is_mine(ipa + offset))
            attempt(WINDOW + offset, ipa + offset, 0x210);
    }
}

TEST(above_4g, "nothing answers above 4 GB, where long descriptors reach")
{
    mmu_long();
    for (u32 n = 0; n != 2048 && !failed(); ++n) {
        u64 const high = n < 256 ? n : next_random(&state) & 0xff;
        u64 const ipa = (high << 32 | (n & 1 ? RAM : next_random(&state))) & ~(u64)(BLOCK - 1);
        map_long(WINDOW, ipa | LONG_NORMAL);
        if (!is_mine(ipa) && !is_device((u32)ipa))
            attempt(WINDOW, ipa, 0x210);
    }
}

TEST(devices_above_4g, "no device answers above 4 GB")
{
    static u32 const devices[] = {VAMBRACE_GICD_IPA, VAMBRACE_PL011_IPA};
    mmu_long();
    for (u32 n = 0; n != 512 && !failed(); ++n) {
        map_long(WINDOW, (u64)(n / 2) << 32 | devices[n % 2] | LONG_NORMAL);
        if (n >= 2)
            attempt(WINDOW, (u64)(n / 2) << 32 | devices[n % 2], 0x210);
    }
}

TEST(supersections, "nothing answers above 4 GB, where supersections reach")
{
    mmu_short();
    for (u32 n = 1; n != 256 && !failed(); ++n) {
        u32 const entry = 0x00040000 | SHORT_NORMAL | RAM | (n & 0xf) << 20 | (n >> 4) << 5;
        for (u32 m = 0; m != 16; ++m)
            short_table[(WINDOW >> 20) + m] = entry;
        flush_tlb();
        attempt(WINDOW + 0x1230, (u64)n << 32, 0x8);
    }
    mmu_off();
}

TEST(edges, "memory and devices end where they should")
{
    static u32 const last[] = {RAM, RAM_END - 4, VAMBRACE_GICD_IPA + 0xfffc, VAMBRACE_GICC_IPA + 0xfc,
                               VAMBRACE_PL011_IPA + 0xffc};
    static u32 const outside[] = {RAM - 4,
                                  RAM_END,
                                  VAMBRACE_GICD_IPA - 4,
                                  VAMBRACE_GICC_IPA + 0x2000,
                                  VAMBRACE_PL011_IPA - 4,
                                  VAMBRACE_PL031_IPA + PAGE};
    for (u32 n = 0; n != sizeof last / sizeof *last; ++n)
        CHECK(probe(op_load, last[n], 0) == NO_TRAP, "%x is not there", last[n]);
    for (u32 n = 0; n != sizeof outside / sizeof *outside; ++n)
        attempt(outside[n], outside[n], 0x8);
}

/// Walks from TTBR1, which the upper half of the addresses uses, while the lower half has its own tables.
static void walk_from(u64 table, bool eae)
{
    enum { EAE = 1u << 31, HALF_LONG = 1, HALF_SHORT = 1 };
    if (eae) {
        MCR(0, 2, 0, 2, EAE | 0x3500 | HALF_LONG);
        MCRR(1, 2, table);
    } else {
        MCR(0, 2, 0, 2, HALF_SHORT);
        MCR(0, 2, 0, 1, table);
    }
    flush_tlb();
    u32 const kind = probe(op_load, WINDOW, 0);
    u32 const status = trap.status;
    MCR(0, 2, 0, 2, eae ? EAE | 0x3500 : 0);
    flush_tlb();
    CHECK(kind == DATA_ABORT, "a table at %x%x gives trap %u", (u32)(table >> 32), (u32)table, kind);
    u32 const expected = eae ? 0x215 : 0xc;
    CHECK(status == expected, "a table at %x%x gives status %x", (u32)(table >> 32), (u32)table, status);
}

static u32 const odd_places[] = {0,       0x0a000000, VAMBRACE_GICD_IPA, VAMBRACE_GICC_IPA,
                                 RAM_END, 0xffffc000, 0x80000000,        VAMBRACE_PL011_IPA};
enum { ODD_PLACES = sizeof odd_places / sizeof *odd_places };

TEST(odd_tables, "first-level tables where nothing is, and in devices, are aborts on the walk")
{
    mmu_short();
    for (u32 n = 0; n != ODD_PLACES; ++n)
        walk_from(odd_places[n], false);
    mmu_long();
    for (u32 n = 0; n != ODD_PLACES; ++n)
        walk_from(odd_places[n], true);
    mmu_off();
}

TEST(tables_above_4g, "first-level tables above 4 GB are aborts on the walk")
{
    mmu_long();
    for (u32 n = 0; n != ODD_PLACES; ++n) {
        walk_from((u64)(n + 1) << 32 | RAM, true);
        walk_from(0xff00000000ull | odd_places[n], true);
    }
    mmu_off();
}

TEST(random_tables, "second-level tables of random words lead nowhere but to the guest's own memory")
{
    mmu_short();
    u32 *const words = (u32 *)(SCRATCH + 4 * MB);
    for (u32 round = 0; round != 200; ++round) {
        for (u32 n = 0; n != 256; ++n)
            words[n] = next_random(&state);
        for (u32 n = 0; n != 16; ++n)
            short_table[(WINDOW >> 20) + n] = n < 8 ? ((u32)words & ~0x3ffu) | 1 : next_random(&state);
        flush_tlb();
        for (u32 n = 0; n != 16; ++n)
            probe(op_load, WINDOW + (next_random(&state) & 0xfffffc), 0);
    }
    mmu_off();
}

TEST(storms, "maintenance of all caches and of the TLB, over and over, does no harm")
{
    mmu_short();
    for (u32 n = 0; n != 3000; ++n) {
        u32 const word = next_random(&state);
        MCR(0, 7, 14, 2, word & 0xffffffce);
        MCR(0, 7, 10, 2, word & 0xffffffce);
        MCR(0, 7, 6, 2, word & 0xffffffce); // an invalidation: HCR.SWIO makes it clean as well
        MCR(0, 8, 7, 0, 0);
        MCR(0, 8, 7, 1, word & ~0xfffu);
        MCR(0, 8, 3, 0, 0);
        MCR(0, 7, 1, 0, 0);
        MCR(0, 7, 5, 0, 0);
        MCR(0, 7, 5, 6, 0);
    }
    MCR(0, 8, 7, 0, 0);
    mmu_off();
}

TEST(translations, "translation operations show the guest's own addresses, and no physical one")
{
    mmu_short();
    MCR(0, 7, 8, 0, RAM + 0x1234); // ATS1CPR
    equal(MRC(0, 7, 4, 0) & 0xfffff001, RAM + 0x1000, "PAR");
    mmu_off();
    equal(probe(op_ats12, RAM, 0), UNDEFINED, "ATS12NSOPR's kind of trap");
    equal(probe(op_ats1h, RAM, 0), UNDEFINED, "ATS1HR's kind of trap");
}
