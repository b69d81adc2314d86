// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 brought to page tables: XN, supersections, TEX remap, the access flag, nG and ASIDs,
// V2P.
// for: armv6 armv7
// native: yes
#include "guest.h"
#include "rights.h"

enum { AREA = 0x20100000, SECTION_AREA = 0x20200000, LARGE_AREA = 0x20300000, SUPER_AREA = 0x21000000 };
enum { SVC_1 = 0xef000001, BX_LR = 0xe12fff1e, MIDR_PART = 0xfff0 };
enum { IFSR_STATUS = 0x40f }; // its other bits are UNKNOWN: QEMU has the domain there
enum { ARM1136 = 0xb360, ARM11_MPCORE = 0xb020, CORTEX_A8 = 0xc080 };

static u32 part(void) { return CP15_READ(0, 0, 0) & MIDR_PART; }

static void fill_code(u32 word)
{
    for (u32 n = 0; n != 0x10000 / 4; ++n)
        ((u32 *)SCRATCH)[n] = word;
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 0x10000);
}

/* --- XN
 * ------------------------------------------------------------------------------------------------------- */

/// A jump of each mode. \param status 0, or the fault that both get
static void check_jump(u32 va, u32 status)
{
    fill_code(BX_LR);
    equal(probe(kernel_bx, va, 0), status ? PREFETCH_KERNEL : NO_TRAP, "kind of trap of a kernel's jump");
    if (status) {
        equal(trap.r[0], va, "fault address");
        equal(trap.r[1] & IFSR_STATUS, status, "fault status");
        equal(trap.frame.pc, va, "pc");
    }
    fill_code(SVC_1);
    equal(run_user(user_address(user_bx), va, 0), status ? PREFETCH_USER : SVC_USER,
          "kind of trap of a user's jump");
    if (status)
        equal(trap.r[1] & IFSR_STATUS, status, "fault status");
}

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

/* --- ASIDs and TLB operations
 * ------------------------------------------------------------------------------------------------------- */

static void show(u32 frame, u32 bits)
{
    map_page(l1, AREA, SCRATCH + frame * PAGE, aps(KERNEL), DOMAIN_KERNEL);
    add_to_page(l1, AREA, bits);
}

static void number_frames(void)
{
    for (u32 n = 0; n != 4; ++n)
        *word_at(SCRATCH + n * PAGE) = 0xf0a0 + n;
}

static void set_asid(u32 asid)
{
    CP15_WRITE(13, 0, 1, asid);
    CP15_WRITE(7, 5, 4, 0);
}

TEST(asids, "with nG each ASID shows what its tables hold, without a flush")
{
    mmu_on();
    number_frames();
    unmap_section(l1, AREA);
    flush_all();
    for (u32 n = 0; n != 40; ++n) {
        set_asid(0x100 + n % 3);
        show(n % 3, PAGE_NG);
        equal(*word_at(AREA), 0xf0a0 + n % 3, "the page of this ASID");
    }
    set_asid(0);
    unmap_section(l1, AREA);
    flush_all();
}

static void check_tlb_operation(void (*operation)(u32), u32 value, char const *what)
{
    for (u32 n = 0; n != 4; ++n) {
        show(n, PAGE_NG);
        CP15_WRITE(7, 10, 4, 0);
        operation(value);
        CP15_WRITE(7, 10, 4, 0);
        CP15_WRITE(7, 5, 4, 0);
        equal(*word_at(AREA), 0xf0a0 + n, what);
    }
}

static void by_mva(u32 value) { CP15_WRITE(8, 7, 1, value); }
static void by_mva_data(u32 value) { CP15_WRITE(8, 6, 1, value); }
static void by_asid(u32 value) { CP15_WRITE(8, 7, 2, value); }
static void everything(u32 value) { CP15_WRITE(8, 7, 0, value); }
static void everything_data(u32 value) { CP15_WRITE(8, 6, 0, value); }
static void by_mva_all_asids(u32 value) { CP15_WRITE(8, 7, 3, value); }
static void everything_shared(u32 value) { CP15_WRITE(8, 3, 0, value); }
static void by_mva_shared(u32 value) { CP15_WRITE(8, 3, 1, value); }

TEST(tlb_operations, "a changed entry holds after each of the TLB operations that name it")
{
    mmu_on();
    number_frames();
    set_asid(0x42);
    unmap_section(l1, AREA);
    flush_all();
    check_tlb_operation(by_mva, AREA | 0x42, "by MVA and ASID");
    check_tlb_operation(by_mva_data, AREA | 0x42, "by MVA and ASID, data");
    check_tlb_operation(by_asid, 0x42, "by ASID");
    check_tlb_operation(everything, 0, "everything");
    check_tlb_operation(everything_data, 0, "everything, data");
    if (ARCH == ARMV7 && part() != CORTEX_A8) { // the Multiprocessing Extensions'
        check_tlb_operation(by_mva_all_asids, AREA, "by MVA in all ASIDs");
        check_tlb_operation(everything_shared, 0, "everything, inner shareable");
        check_tlb_operation(by_mva_shared, AREA | 0x42, "by MVA and ASID, inner shareable");
    }
    set_asid(0);
    unmap_section(l1, AREA);
    flush_all();
}

TEST(table_base_attributes, "TTBR0's cache attributes are kept and change nothing")
{
    mmu_on();
    CP15_WRITE(2, 0, 0, (u32)l1 | 0x4a);
    CP15_WRITE(7, 5, 4, 0);
    u32 const read = CP15_READ(2, 0, 0);
    equal(read & ~0x7fu, (u32)l1, "the base");
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
    CP15_WRITE(2, 0, 0, l1);
}

/* --- translation by CP15 (DDI 0406C B4.2.4)
 * ------------------------------------------------------------------------------ */

static u32 translate(u32 va, bool user, bool write)
{
    switch (user << 1 | write) {
    case 0: CP15_WRITE(7, 8, 0, va); break;
    case 1: CP15_WRITE(7, 8, 1, va); break;
    case 2: CP15_WRITE(7, 8, 2, va); break;
    default: CP15_WRITE(7, 8, 3, va);
    }
    CP15_WRITE(7, 5, 4, 0);
    return CP15_READ(7, 4, 0);
}

TEST(translation, "a VA is translated as an access of that kind would be, or PAR has its fault")
{
    if (part() == ARM1136 || part() == ARM11_MPCORE)
        return; // have no such operation
    mmu_on();
    set_domain(DOMAIN_TEST, CLIENT);
    for (u32 const *ap = all_aps(); *ap != ~0u; ++ap) {
        map_page(l1, AREA, SCRATCH + *ap * PAGE, aps(*ap), DOMAIN_TEST);
        flush(l1, AREA, PAGE);
        for (u32 how = 0; how != 4; ++how) {
            u32 const status = expected_status(*ap, CLIENT, 0, how & 1, how & 2, PAGE_FORM);
            u32 const par = translate(AREA + 0x123, how & 1, how & 2);
            equal(par & 1, status != 0, "PAR.F");
            if (status)
                equal(par >> 1 & 0x1f, status & 0xf, "PAR.FS");
            else
                equal(par & 0xfffff000, SCRATCH + *ap * PAGE, "PAR.PA");
        }
    }
    equal(translate(0x70000000, false, false) >> 1 & 0x1f, TRANSLATION, "PAR.FS where nothing is mapped");
    equal(translate(RAM + 0x5432, false, true) & 0xfffff001, RAM + 0x5000, "PAR in a section");
}

/* --- page 0
 * ------------------------------------------------------------------------------------------------------- */

TEST(page_0,
     "page 0 is read, written and run like any other, by kernel and user; where the vectors are, by nobody")
{
    bool const reserved = PAGE_0_RESERVED && !native;
    mmu_on();
    map_page(l1, 0, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 4; ++n) {
        flush_all();
        equal(status_of(8, n & 1, true) & 0xf, reserved ? TRANSLATION | PAGE_FORM : 0, "a store");
        if (reserved)
            continue;
        equal(*word_at(SCRATCH + 8), SENTINEL, "what it stored");
        check_jump(0x20, 0);
    }
    unmap_section(l1, 0);
    flush(l1, 0, MB);
    equal(status_of(8, true, true) & 0xf, TRANSLATION, "a store where it is not mapped");
}
