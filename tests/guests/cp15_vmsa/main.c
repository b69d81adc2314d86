// SPDX-License-Identifier: Apache-2.0
// The CP15 of ARMv6 and ARMv7 cores from guest kernel: identification, control, fault registers, maintenance.
// for: armv6 armv7
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SECTION_AREA = 0x20200000, FIELD = 0xf, IFSR_STATUS = 0x40f };
enum { CORTEX_A8 = 0xc080, CORTEX_A9 = 0xc090, PART = 0xfff0 };

#define CP15_READ1(crn, crm, opc2)                                                                           \
    ({                                                                                                       \
        u32 value_;                                                                                          \
        __asm__ volatile("mrc p15, 1, %0, c" #crn ", c" #crm ", " #opc2 : "=r"(value_));                     \
        value_;                                                                                              \
    })

static u32 field(u32 word, u32 low) { return word >> low & FIELD; }

TEST(features, "what the hypervisor does not offer is not in the identification registers")
{
    u32 const midr = CP15_READ(0, 0, 0), pfr0 = CP15_READ(0, 1, 0), pfr1 = CP15_READ(0, 1, 1);
    equal(midr >> 24, 'A', "MIDR's implementer");
    u32 const architecture = midr >> 16 & FIELD;
    CHECK(architecture == 0xf || (ARCH == ARMV6 && architecture == 7), "MIDR %x: architecture", midr);
    equal(field(pfr0, 12), 0, "ID_PFR0, ThumbEE");
    equal(field(pfr0, 8), 0, "ID_PFR0, Jazelle");
    CHECK(field(pfr0, 0) == 1, "ID_PFR0 %x has no ARM state", pfr0);
    equal(field(pfr0, 4), ARCH == ARMV7 ? 3 : 1, "ID_PFR0, Thumb");
    equal(field(pfr1, 4), 0, "ID_PFR1, Security Extensions");
    equal(field(pfr1, 12), 0, "ID_PFR1, Virtualization Extensions");
    equal(field(pfr1, 16), 0, "ID_PFR1, Generic Timer");
    equal(CP15_READ(0, 1, 2), 0, "ID_DFR0");
    equal(field(CP15_READ(0, 2, 4), 12), 0, "ID_ISAR4, SMC");
    equal(CP15_READ(0, 0, 2), 0, "TCMTR");
    CHECK(CP15_READ(0, 0, 1) != 0, "CTR is 0");
}

/// As Linux's v7_flush_dcache_all: every level, set and way that CLIDR and CCSIDR tell of.
static u32 flush_by_set_and_way(void)
{
    u32 operations = 0;
    u32 const clidr = CP15_READ1(0, 0, 1);
    for (u32 level = 0; level != (clidr >> 24 & 7); ++level) {
        if ((clidr >> 3 * level & 7) < 2)
            continue;
        __asm__ volatile("mcr p15, 2, %0, c0, c0, 0" ::"r"(level << 1));
        CP15_WRITE(7, 5, 4, 0);
        u32 const ccsidr = CP15_READ1(0, 0, 0), ways = (ccsidr >> 3 & 0x3ff) + 1,
                  sets = (ccsidr >> 13 & 0x7fff) + 1;
        u32 const shift = ways == 1 ? 0 : (u32)__builtin_clz(ways - 1);
        for (u32 set = 0; set != sets; ++set)
            for (u32 way = 0; way != ways; ++way, ++operations)
                CP15_WRITE(7, 14, 2, way << shift | set << ((ccsidr & 7) + 4) | level << 1);
    }
    __asm__ volatile("mcr p15, 2, %0, c0, c0, 0" ::"r"(0));
    return operations;
}

TEST_ON(ARMV7, cache_loops, "loops over sets and ways of all caches end, soon")
{
    u32 volatile word = 0x600df00d;
    u32 const operations = flush_by_set_and_way();
    CHECK(operations >= 1 && operations <= 64, "%u operations", operations);
    equal(word, 0x600df00d, "a word");
}

/* --- control
 * ------------------------------------------------------------------------------------------------------- */

TEST(control, "SCTLR keeps what a guest may have and leaves the rest as it is")
{
    mmu_off();
    u32 const old = CP15_READ(1, 0, 0), ones = ARCH == ARMV7 ? 0x00c50078 : 0x00050078;
    equal(old & SCTLR_M, 0, "SCTLR.M");
    equal(old & ones, ones, "bits that read as one");
    u32 const kept[] = {SCTLR_A, 1 << 2, 1 << 11, 1 << 12, 1 << 13, SCTLR_TRE, SCTLR_AFE};
    for (u32 n = 0; n != sizeof kept / 4; ++n) {
        CP15_WRITE(1, 0, 0, old | kept[n]);
        equal(CP15_READ(1, 0, 0), old | kept[n], "SCTLR");
    }
    // B, VE, EE, NMFI, TE, and what nobody has
    u32 const never[] = {1 << 7, 1 << 24, 1 << 25, 1 << 27, 1 << 30, 1u << 31, 1 << 20};
    for (u32 n = 0; n != sizeof never / 4; ++n) {
        CP15_WRITE(1, 0, 0, old | never[n]);
        equal(CP15_READ(1, 0, 0), old, "SCTLR with a bit that stays 0");
    }
    CP15_WRITE(1, 0, 0, 0);
    equal(CP15_READ(1, 0, 0) & ones, ones, "bits that read as one");
    CP15_WRITE(1, 0, 0, old);
}

TEST(table_registers, "TTBR0, TTBR1, TTBCR and DACR are the guest's own, with one table")
{
    mmu_off();
    CP15_WRITE(2, 0, 0, 0x40004059);
    equal(CP15_READ(2, 0, 0), 0x40004059, "TTBR0");
    CP15_WRITE(2, 0, 1, 0x40008000);
    equal(CP15_READ(2, 0, 1), 0x40008000, "TTBR1");
    CP15_WRITE(2, 0, 2, 0);
    equal(CP15_READ(2, 0, 2), 0, "TTBCR");
    u32 const values[] = {0, 0xffffffff, 0x55555555, 0x12345678};
    for (u32 n = 0; n != 4; ++n) {
        CP15_WRITE(3, 0, 0, values[n]);
        equal(CP15_READ(3, 0, 0), values[n], "DACR");
    }
}

static void write_ttbcr(u32 address, u32 value)
{
    (void)address;
    CP15_WRITE(2, 0, 2, value);
}

TEST(table_split, "a TTBCR that splits the address space is refused, not ignored")
{
    for (u32 n = 1; n != 8; ++n)
        equal(probe(write_ttbcr, 0, n), UNDEFINED_KERNEL, "kind of trap");
    equal(CP15_READ(2, 0, 2), 0, "TTBCR");
}

TEST(own_words, "CONTEXTIDR and TPIDRPRW keep what was written")
{
    u32 const values[] = {0xffffffff, 0x12345678, 0};
    for (u32 n = 0; n != 3; ++n) {
        CP15_WRITE(13, 0, 1, values[n]);
        equal(CP15_READ(13, 0, 1), values[n], "CONTEXTIDR");
        CP15_WRITE(13, 0, 4, ~values[n]);
        equal(CP15_READ(13, 0, 4), ~values[n], "TPIDRPRW");
    }
    CP15_WRITE(1, 0, 2, 0xffffffff);
    equal(CP15_READ(1, 0, 2) & 0x0f0fffff, 0, "CPACR beside p10 and p11");
    CP15_WRITE(1, 0, 2, 0);
    equal(CP15_READ(1, 0, 2), 0, "CPACR");
}

/* --- faults
 * ------------------------------------------------------------------------------------------------------- */

enum { OLD_FSR = 0x407, OLD_FAR = 0x01010100 };

static void preset(void)
{
    CP15_WRITE(5, 0, 0, OLD_FSR);
    CP15_WRITE(5, 0, 1, OLD_FSR);
    CP15_WRITE(6, 0, 0, OLD_FAR);
    CP15_WRITE(6, 0, 2, OLD_FAR);
}

/// All four registers after an access of kernel and user. \param status with the domain, without the write
/// bit
static void check_data_fault(u32 va, u32 status, u32 mask)
{
    for (u32 how = 0; how != 4; ++how) {
        preset();
        u32 const got = status_of(va, how & 1, how & 2), dfsr = CP15_READ(5, 0, 0);
        CHECK((got & mask) == status, "access %u at %x: status %x, not %x", how, va, got, status);
        equal(dfsr & ~(u32)DFSR_WRITE, got, "DFSR");
        equal(dfsr & DFSR_WRITE, how & 2 ? DFSR_WRITE : 0, "DFSR's write bit");
        equal(CP15_READ(6, 0, 0), va, "DFAR");
        equal(CP15_READ(5, 0, 1), OLD_FSR, "IFSR");
        equal(CP15_READ(6, 0, 2), OLD_FAR, "IFAR");
    }
}

static void check_fetch_fault(u32 va, u32 status)
{
    for (u32 user = 0; user != 2; ++user) {
        preset();
        u32 const kind = user ? run_user(user_address(user_bx), va, 0) : probe(kernel_bx, va, 0);
        equal(kind, user ? PREFETCH_USER : PREFETCH_KERNEL, "kind of trap");
        CHECK(trap.r[1] == status, "fetch at %x: status %x, not %x", va, trap.r[1], status);
        equal(CP15_READ(5, 0, 1), status, "IFSR");
        equal(CP15_READ(6, 0, 2), va, "IFAR");
        equal(CP15_READ(5, 0, 0), OLD_FSR, "DFSR");
        equal(CP15_READ(6, 0, 0), OLD_FAR, "DFAR");
    }
}

enum { WITH_DOMAIN = 0x4ff, WITHOUT = 0x40f };

static void check_fault(u32 va, u32 status, u32 mask)
{
    check_data_fault(va, mask == WITH_DOMAIN ? status | DOMAIN_TEST << 4 : status, mask);
    check_fetch_fault(va, status);
}

static void start_faults(void)
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    unmap_section(l1, AREA);
    unmap_section(l1, SECTION_AREA);
    coarse(l1, AREA, DOMAIN_TEST);
    flush(l1, AREA, 2 * MB);
}

TEST(translation_faults, "translation faults of both levels are in DFSR, DFAR, IFSR and IFAR")
{
    start_faults();
    check_fault(SECTION_AREA + 0x1234, TRANSLATION, WITHOUT);
    check_fault(AREA + 0x5678, TRANSLATION | PAGE_FORM, WITH_DOMAIN);
}

TEST(permission_faults, "permission faults of sections and pages are in DFSR, DFAR, IFSR and IFAR")
{
    start_faults();
    map_page(l1, AREA, SCRATCH, aps(NONE_SR), DOMAIN_TEST);
    map_section(l1, SECTION_AREA, SCRATCH, NONE_SR, DOMAIN_TEST);
    check_fault(AREA + 0x678, PERMISSION | PAGE_FORM, WITH_DOMAIN);
    check_fault(SECTION_AREA + 0x1234, PERMISSION, WITH_DOMAIN);
}

TEST(domain_faults, "domain faults of sections and pages are in DFSR, DFAR, IFSR and IFAR")
{
    start_faults();
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_TEST);
    map_section(l1, SECTION_AREA, SCRATCH, USER_WRITE, DOMAIN_TEST);
    set_domain(DOMAIN_TEST, NO_ACCESS);
    check_fault(AREA + 0x678, DOMAIN_FAULT | PAGE_FORM, WITH_DOMAIN);
    check_fault(SECTION_AREA + 0x1234, DOMAIN_FAULT, WITH_DOMAIN);
    set_domain(DOMAIN_TEST, CLIENT);
}

TEST(external_aborts, "external aborts, of accesses and of walks, are in DFSR, DFAR, IFSR and IFAR")
{
    start_faults();
    map_page(l1, AREA, RAM_END, aps(USER_WRITE), DOMAIN_TEST);
    map_section(l1, SECTION_AREA, RAM_END, USER_WRITE, DOMAIN_TEST);
    check_fault(AREA + 0x678, EXTERNAL, WITHOUT);
    check_fault(SECTION_AREA + 0x1234, EXTERNAL, WITHOUT);
    unmap_section(l1, SECTION_AREA);
    table_words(l1)[SECTION_AREA >> 20] = (RAM_END & ~0x3ffu) | DOMAIN_TEST << 5 | TABLE_ENTRY;
    flush(l1, SECTION_AREA, MB);
    check_fault(SECTION_AREA + 0x1234, EXTERNAL_ON_WALK | PAGE_FORM, WITHOUT);
    unmap_section(l1, SECTION_AREA);
    flush(l1, SECTION_AREA, MB);
}

static void breakpoint(u32 address, u32 value)
{
    (void)address, (void)value;
    __asm__ volatile("bkpt #0");
}

TEST(breakpoints, "BKPT is a prefetch abort with the debug event's status")
{
    mmu_on();
    equal(probe(breakpoint, 0, 0), PREFETCH_KERNEL, "kind of trap");
    equal(trap.r[1] & IFSR_STATUS, 2, "fault status");
    equal(CP15_READ(5, 0, 1) & IFSR_STATUS, 2, "IFSR");
}

/* --- maintenance
 * ------------------------------------------------------------------------------------------------------- */

TEST(maintenance,
     "cache operations are emulated and change no memory, on addresses that are mapped and others")
{
    mmu_on();
    static u32 words[64] __attribute__((aligned(64)));
    map_page(l1, AREA, SCRATCH, aps(ALL_READ), DOMAIN_USER);
    u32 const places[] = {(u32)words, (u32)words + 5, AREA,       0x70000000, 0,
                          0xff000000, 0xff100000,     0xff7fffff, 0xffffffff};
    for (u32 n = 0; n != 64; ++n)
        words[n] = n * 0x01010101;
    for (u32 n = 0; n != sizeof places / 4; ++n) {
        CP15_WRITE(7, 5, 1, places[n]);
        CP15_WRITE(7, 6, 1, places[n]);
        CP15_WRITE(7, 10, 1, places[n]);
        CP15_WRITE(7, 14, 1, places[n]);
        CP15_WRITE(7, 5, 7, places[n]);
        CP15_WRITE(7, 6, 2, places[n]);
        CP15_WRITE(7, 10, 2, places[n]);
        CP15_WRITE(7, 14, 2, places[n]);
        CP15_WRITE(8, 5, 1, places[n]);
        CP15_WRITE(8, 6, 1, places[n]);
        CP15_WRITE(8, 7, 1, places[n]);
    }
    CP15_WRITE(7, 5, 0, 0);
    CP15_WRITE(7, 5, 6, 0);
    CP15_WRITE(8, 5, 0, 0);
    CP15_WRITE(8, 6, 0, 0);
    CP15_WRITE(8, 7, 0, 0);
    CP15_WRITE(7, 10, 5, 0);
    for (u32 n = 0; n != 64; ++n)
        equal(words[n], n * 0x01010101, "a word");
}

TEST(written_code, "code that was written runs after the architecture's own sequence")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    for (u32 n = 0; n != 64; ++n) {
        code[0] = 0xe3a00000 | n; // mov r0, #n
        code[1] = 0xe12fff1e;     // bx lr
        CP15_WRITE(7, 10, 1, code);
        CP15_WRITE(7, 10, 4, 0);
        CP15_WRITE(7, 5, 1, code);
        CP15_WRITE(7, 5, 6, 0);
        CP15_WRITE(7, 10, 4, 0);
        CP15_WRITE(7, 5, 4, 0);
        equal(((u32(*)(void))code)(), n, "what the code returns");
    }
}
