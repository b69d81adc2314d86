// SPDX-License-Identifier: Apache-2.0
// What ARMv6 and ARMv7 brought to translation: nG and ASIDs, operations on the TLB, V2P; page 0.
#include "formats.h"

enum { MIDR_PART = 0xfff0, ARM1136 = 0xb360, ARM11_MPCORE = 0xb020, CORTEX_A8 = 0xc080 };

static u32 part(void) { return CP15_READ(0, 0, 0) & MIDR_PART; }

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
