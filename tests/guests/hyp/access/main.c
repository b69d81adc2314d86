// SPDX-License-Identifier: Apache-2.0
// Devices by every form of load and store: those whose syndrome says all, and those that are decoded.
#include "access.h"
#include "forms.h"

TEST(without_mmu, "every load and store of ARM and Thumb state reaches the UART with the MMU off")
{
    set_sctlr(SCTLR_SW, 0);
    arm_loads();
    arm_stores();
    thumb_forms();
}

TEST(in_short, "every load and store reaches the UART with short descriptors")
{
    mmu_short();
    arm_loads();
    arm_stores();
    thumb_forms();
    mmu_off();
}

TEST(in_long, "every load and store reaches the UART with long descriptors")
{
    mmu_long();
    arm_loads();
    arm_stores();
    thumb_forms();
    mmu_off();
}

static u32 all_forms(u32 a, u32 b)
{
    (void)a, (void)b;
    arm_loads();
    arm_stores();
    thumb_forms();
    return 0;
}

TEST(user, "every load and store reaches the UART from user mode")
{
    mmu_short();
    call_user(all_forms, 0, 0);
    mmu_off();
}

TEST(modes, "every load and store reaches the UART from each privileged mode, with the mode's registers")
{
    static u32 const modes[] = {FIQ, IRQ, ABT, UND, SYS};
    for (u32 n = 0; n != sizeof modes / sizeof *modes; ++n)
        call_in_mode(all_forms, 0, 0, modes[n]);
}

static u32 banked(u32 address, u32 value) { return banked_loads(address) + banked_stores(address, value); }

TEST(banked_registers, "what is loaded and stored are the mode's own registers")
{
    static u32 const modes[] = {FIQ, IRQ, SVC, ABT, UND, SYS};
    for (u32 n = 0; n != sizeof modes / sizeof *modes; ++n) {
        uart_setup();
        u32 const wrong = call_in_mode(banked, VAMBRACE_PL011_IPA + IBRD, VALUE, modes[n]);
        CHECK(wrong == 0, "%u registers wrong in mode %x", wrong, modes[n]);
        equal(*uart(IBRD), VALUE ^ 0xff, "what was stored last");
    }
}

TEST(thumb2, "Thumb-2's loads and stores reach the UART, in IT blocks too")
{
    uart_setup();
    equal(thumb2_forms(VAMBRACE_PL011_IPA + IBRD), 0, "number of the form that went wrong");
    equal(*uart(IBRD), 0x1234, "what was stored last");
}

TEST(big_endian, "a device has its bytes in the other order for big-endian code, by every path")
{
    uart_setup();
    equal(big_ldr(VAMBRACE_PL011_IPA + IBRD, 0), 0x81800000, "ldr");
    equal(big_ldr_post(VAMBRACE_PL011_IPA + IBRD, 0), 0x81800000, "ldr, post-indexed");
    equal(big_ldrh(VAMBRACE_PL011_IPA + IBRD, 0), 0x8180, "ldrh");
    equal(big_ldm(VAMBRACE_PL011_IPA + IBRD, 0), 0x81800000, "ldm");
    big_str(VAMBRACE_PL011_IPA + IBRD, 0x34120000);
    equal(*uart(IBRD), 0x1234, "what str has written");
    big_str_post(VAMBRACE_PL011_IPA + IBRD, 0x78560000);
    equal(*uart(IBRD), 0x5678, "what str, post-indexed, has written");
    big_strh(VAMBRACE_PL011_IPA + IBRD, 0x3412);
    equal(*uart(IBRD), 0x1234, "what strh has written");
    *gicd(GICD_ISENABLER + 4) = 0x11223344;
    equal(big_ldr(VAMBRACE_GICD_IPA + GICD_ISENABLER + 4, 0), 0x44332211, "the distributor's register");
    *gicd(GICD_ICENABLER + 4) = ~0u;
}

TEST(distributor, "the distributor takes several registers at once and writeback")
{
    for (u32 n = 1; n != 3; ++n)
        *gicd(GICD_ISENABLER + 4 * n) = 0x1010 * n;
    equal(form_ldm_ia_wb(VAMBRACE_GICD_IPA + GICD_ISENABLER + 4, 0, &base_of), 0x1010, "ldm");
    equal(form_ldrd_0(VAMBRACE_GICD_IPA + GICD_ISENABLER + 8, 0, &base_of), 0x2020, "ldrd");
    equal(form_ldrh_0(VAMBRACE_GICD_IPA + GICD_IPRIORITYR + 40), 0, "ldrh");
    (void)form_stm_ia_wb(VAMBRACE_GICD_IPA + GICD_ISENABLER + 4, 0, &base_of);
    equal(*gicd(GICD_ISENABLER + 4), 0x1014, "what stm has written");
    equal(*gicd(GICD_ISENABLER + 8), 0x2025, "what stm has written");
    *gicd(GICD_ICENABLER + 4) = *gicd(GICD_ICENABLER + 8) = ~0u;
}

static void refused(access_fn *fn, u32 address, u32 status, char const *what)
{
    equal(probe(fn, address, 0), DATA_ABORT, what);
    equal(trap.address, address, what);
    equal(trap.status & ~DFSR_WRITE, status, what);
}

TEST(exclusives, "exclusive accesses, VFP's and coprocessors' to a device are external aborts")
{
    vfp_access_open();
    static u32 const places[] = {VAMBRACE_PL011_IPA + IBRD, VAMBRACE_GICD_IPA + GICD_ISENABLER};
    for (u32 n = 0; n != 2; ++n) {
        refused(op_ldrex, places[n], 0x8, "ldrex");
        refused(op_ldrexd, places[n] & ~7u, 0x8, "ldrexd");
        refused(op_vldr, places[n], 0x8, "vldr");
        refused(op_vstr, places[n], 0x8, "vstr");
        refused(op_vld1, places[n], 0x8, "vld1");
        refused(op_vstm, places[n], 0x8, "vstm");
    }
}

TEST(unaligned, "an unaligned access to a device is an alignment fault")
{
    mmu_short(); // with the MMU off the core itself finds it
    uart_setup();
    for (u32 n = 1; n != 4; ++n) {
        refused(op_ldr, VAMBRACE_PL011_IPA + IBRD + n, 0x1, "ldr");
        refused(op_str, VAMBRACE_PL011_IPA + IBRD + n, 0x1, "str");
        refused(op_ldr_post, VAMBRACE_PL011_IPA + IBRD + n, 0x1, "ldr, post-indexed");
        refused(op_ldr, VAMBRACE_GICD_IPA + n, 0x1, "ldr of the distributor");
    }
    refused(op_ldrh, VAMBRACE_PL011_IPA + IBRD + 1, 0x1, "ldrh");
    refused(op_strh, VAMBRACE_PL011_IPA + IBRD + 1, 0x1, "strh");
    mmu_off();
    equal(*uart(IBRD), VALUE, "IBRD");
}

TEST(unaligned_interface, "an unaligned access to the GIC's CPU interface is an alignment fault")
{
    mmu_short();
    refused(op_ldr, VAMBRACE_GICC_IPA + GICC_PMR + 1, 0x1, "ldr");
    mmu_off();
}

TEST(par, "a decoded access leaves the guest's PAR alone")
{
    mmu_short();
    MCR(0, 7, 8, 0, SCRATCH + 0x3000); // ATS1CPR
    u32 const par = MRC(0, 7, 4, 0);
    (void)form_ldr_post(VAMBRACE_PL011_IPA + IBRD, 0, &base_of);
    (void)form_ldm_ia_wb(VAMBRACE_PL011_IPA + IBRD, 0, &base_of);
    equal(MRC(0, 7, 4, 0), par, "PAR");
    equal(par & 0xfffff001, SCRATCH + 0x3000, "PAR");
    mmu_off();
}

TEST(crossing, "an access that runs out of a device's page is an abort, and changes no register")
{
    equal(probe(op_ldm_four, VAMBRACE_PL031_IPA + 0xff8, 0), DATA_ABORT, "ldm over the end");
    equal(probe(op_ldm_four, RAM - 8, 0), DATA_ABORT, "ldm into RAM");
    equal(probe(op_ldm_four, RAM_END - 8, 0), DATA_ABORT, "ldm out of RAM");
    equal(probe(op_ldm_four, VAMBRACE_PL011_IPA - 8, 0), DATA_ABORT, "ldm into a device");
}
