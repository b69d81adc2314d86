// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 brought to page tables: XN, supersections, TEX remap, the access flag.
// for: armv6 armv7
// native: yes
#include "formats.h"

/* --- XN
 * ------------------------------------------------------------------------------------------------------- */

static void check_xn(u32 va, u32 form)
{
    set_domain(DOMAIN_TEST, CLIENT);
    equal(status_of(va, false, true) | status_of(va, true, true), 0, "a store to what never executes");
    check_jump(va, PERMISSION | form);
    set_domain(DOMAIN_TEST, MANAGER);
    check_jump(va, 0);
    set_domain(DOMAIN_TEST, CLIENT);
    check_jump(va, PERMISSION | form);
}

TEST(xn_page, "a small page with XN is not executed, but for a manager")
{
    mmu_on();
    map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_TEST);
    add_to_page(l1, AREA, PAGE_XN);
    check_xn(AREA, PAGE_FORM);
}

TEST(xn_section, "a section with XN is not executed, but for a manager")
{
    mmu_on();
    map_section(l1, SECTION_AREA, SCRATCH, USER_WRITE, DOMAIN_TEST);
    add_to_section(l1, SECTION_AREA, SECTION_XN);
    check_xn(SECTION_AREA + 0x2000, 0);
}

TEST(xn_large_page, "a large page with XN is not executed, but for a manager")
{
    mmu_on();
    map_large(l1, LARGE_AREA, SCRATCH, aps(USER_WRITE), DOMAIN_TEST);
    for (u32 n = 0; n != 16; ++n)
        add_to_page(l1, LARGE_AREA + n * PAGE, LARGE_XN);
    check_xn(LARGE_AREA + 0x3000, PAGE_FORM);
}

TEST(xn_comes_and_goes, "XN set or cleared holds after the flush, however the page was used before")
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    for (u32 n = 0; n != 6; ++n) {
        map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_TEST);
        add_to_page(l1, AREA, n & 1 ? PAGE_XN : 0);
        flush(l1, AREA, PAGE);
        check_jump(AREA, n & 1 ? PERMISSION | PAGE_FORM : 0);
    }
}

TEST(xn_of_a_read_only_page, "a page that is read-only runs code, and with XN only shows it")
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    for (u32 n = 0; n != 2; ++n) {
        map_page(l1, AREA, SCRATCH, aps(ALL_READ), DOMAIN_TEST);
        add_to_page(l1, AREA, n ? PAGE_XN : 0);
        flush(l1, AREA, PAGE);
        equal(status_of(AREA, true, false), 0, "user's load");
        equal(status_of(AREA, true, true), PERMISSION | PAGE_FORM | DOMAIN_TEST << 4, "user's store");
        check_jump(AREA, n ? PERMISSION | PAGE_FORM : 0);
    }
}

/* --- supersections
 * ------------------------------------------------------------------------------------------------------- */

static void map_supersection(u32 va, u32 ipa, u32 ap, u32 bits)
{
    for (u32 n = 0; n != 16; ++n) {
        map_section(l1, va + n * MB, ipa & 0xff000000, ap, 0);
        add_to_section(l1, va + n * MB, SECTION_SUPER | bits);
    }
    flush(l1, va, 16 * MB);
}

TEST(supersection, "a supersection shows 16 MB, in domain 0 whatever its bits 8:5 are")
{
    mmu_on();
    map_supersection(SUPER_AREA, RAM, USER_WRITE, 0);
    for (u32 n = 8; n != 16; ++n) {
        *word_at(RAM + n * MB + 0x12344) = n;
        equal(*word_at(SUPER_AREA + n * MB + 0x12344), n, "a word by the supersection");
        equal(status_of(SUPER_AREA + n * MB + 0x23450, true, true), 0, "user's store");
        equal(*word_at(RAM + n * MB + 0x23450), SENTINEL, "what it stored");
    }
    map_supersection(SUPER_AREA, RAM, KERNEL, 0);
    equal(status_of(SUPER_AREA + 9 * MB, true, false), PERMISSION, "user's load of the kernel's");
    map_supersection(SUPER_AREA, RAM, USER_WRITE, SECTION_XN);
    equal(probe(kernel_bx, SUPER_AREA + 9 * MB, 0), PREFETCH_KERNEL, "a jump where XN is set");
    equal(trap.r[1] & IFSR_STATUS, PERMISSION, "fault status");
    for (u32 n = 0; n != 16; ++n)
        unmap_section(l1, SUPER_AREA + n * MB);
    flush(l1, SUPER_AREA, 16 * MB);
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, far_supersection, "a supersection beyond 4 GB shows nobody's memory")
{
    mmu_on();
    u32 const bases[] = {1 << 20, 15 << 20, 1 << 5, 15 << 5};
    for (u32 n = 0; n != 4; ++n) {
        map_supersection(SUPER_AREA, RAM, USER_WRITE, bases[n]);
        equal(status_of(SUPER_AREA + 9 * MB, false, false) & 0xf, EXTERNAL, "kernel's load");
        equal(status_of(SUPER_AREA + 9 * MB, true, true) & 0xf, EXTERNAL, "user's store");
    }
    for (u32 n = 0; n != 16; ++n)
        unmap_section(l1, SUPER_AREA + n * MB);
    flush(l1, SUPER_AREA, 16 * MB);
}

/* --- memory types
 * ------------------------------------------------------------------------------------------------------- */

static void check_types(void)
{
    for (u32 type = 0; type != 64; ++type) { // TEX, C, B, S
        u32 const c_b = (type & 3) << 2, tex = type >> 2 & 7, s = type >> 5;
        map_page(l1, AREA, SCRATCH, aps(USER_WRITE), DOMAIN_TEST);
        add_to_page(l1, AREA, c_b | tex << 6 | s << 10 | (type & 1 ? PAGE_NG : 0));
        map_section(l1, SECTION_AREA, SCRATCH, USER_WRITE, DOMAIN_TEST);
        add_to_section(l1, SECTION_AREA, c_b | tex << 12 | s << 16 | (type & 1 ? SECTION_NG : 0));
        flush(l1, AREA, 2 * MB);
        *word_at(AREA) = type;
        equal(*word_at(SECTION_AREA), type, "the word by the section");
        equal(status_of(AREA, true, true), 0, "user's store to the page");
        equal(status_of(SECTION_AREA, true, true), 0, "user's store to the section");
    }
}

TEST(types, "every memory type and nG leave rights and contents alone")
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    check_types();
}

TEST(remap, "with TEX remap, whatever PRRR and NMRR say, rights and contents are the same")
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    u32 const values[][2] = {
        {0x000a81a8, 0x40e040e0}, {0, 0}, {0xffffffff, 0xffffffff}, {0xaaaaaaaa, 0x55555555}};
    for (u32 n = 0; n != 4; ++n) {
        CP15_WRITE(10, 2, 0, values[n][0]);
        CP15_WRITE(10, 2, 1, values[n][1]);
        set_sctlr(SCTLR_TRE, 0);
        check_types();
        equal(CP15_READ(1, 0, 0) & SCTLR_TRE, SCTLR_TRE, "SCTLR.TRE");
        set_sctlr(0, SCTLR_TRE);
    }
    if (native && ARCH == ARMV6)
        return; // QEMU's do not keep them
    CP15_WRITE(10, 2, 0, 0x000a81a8);
    CP15_WRITE(10, 2, 1, 0x40e040e0);
    equal(CP15_READ(10, 2, 0), 0x000a81a8, "PRRR");
    equal(CP15_READ(10, 2, 1), 0x40e040e0, "NMRR");
}

/* --- the access flag
 * ------------------------------------------------------------------------------------------------------- */

static void check_access_flag(u32 ap)
{
    u32 const page = ap & 1 ? 0 : 0x6 | DOMAIN_TEST << 4, section = ap & 1 ? 0 : 0x3 | DOMAIN_TEST << 4;
    map_page(l1, AREA, SCRATCH, aps(ap), DOMAIN_TEST);
    map_section(l1, SECTION_AREA, SCRATCH, ap, DOMAIN_TEST);
    flush(l1, AREA, 2 * MB);
    for (u32 how = 0; how != 4; ++how) {
        u32 const right = expected_status(ap | 1, CLIENT, 0, how & 1, how & 2, PAGE_FORM);
        equal(status_of(AREA, how & 1, how & 2), page ? page : right, "page");
        equal(status_of(SECTION_AREA, how & 1, how & 2),
              section ? section
              : right ? right & ~2u
                      : 0,
              "section");
    }
    if (page) {
        equal(probe(kernel_bx, AREA, 0), PREFETCH_KERNEL, "kind of trap of a jump");
        equal(trap.r[1] & IFSR_STATUS, 0x6, "its status");
    }
}

TEST(access_flag,
     "with AFE an entry whose flag is clear gives an access flag fault, and AP[2:1] are the rights")
{
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    set_sctlr(SCTLR_AFE, 0);
    for (u32 ap = 0; ap != 8; ++ap)
        check_access_flag(ap);
    set_sctlr(0, SCTLR_AFE);
    map_page(l1, AREA, SCRATCH, aps(USER_READ), DOMAIN_TEST);
    flush(l1, AREA, PAGE);
    equal(status_of(AREA, true, false), 0, "user's load without AFE");
}
