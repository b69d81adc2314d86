// SPDX-License-Identifier: Apache-2.0
// The UART through every form of load and store, decoded by the hypervisor.
#include "guest.h"

typedef u32 form(u32 address, u32 value, u32 *base);
form form_ldr_offset, form_ldr_negative, form_ldr_register, form_ldr_shifted, form_ldr_minus_register,
    form_ldr_pre, form_ldr_post, form_ldr_post_register, form_ldrt_post, form_ldrb_offset, form_ldrb_post,
    form_ldrh_offset, form_ldrh_register, form_ldrh_pre, form_ldrsb_low, form_ldrsb_high, form_ldrsh_0,
    form_ldrd_0, form_ldrd_post, form_str_offset, form_str_pre, form_str_post, form_str_shifted,
    form_strt_post, form_strb_0, form_strb_post, form_strh_0, form_strh_pre, form_strd_0, form_swp_0,
    form_swpb_0, form_ldm_ia, form_ldm_ia_wb, form_ldm_ib, form_ldm_da, form_ldm_db_wb, form_stm_ia_wb,
    form_stm_ib, form_stm_da, form_stm_db_wb, form_ldr_not_taken, form_ldr_taken, form_ldm_four, form_t_ldr,
    form_t_ldr_register, form_t_ldrb, form_t_ldrh, form_t_ldrsb, form_t_ldrsh, form_t_ldm, form_t_str,
    form_t_strb, form_t_strh, form_t_stm;

/* Registers that read as they were written: IBRD 16 bits, FBRD 6 bits, LCR_H 8 bits. */
enum { IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, IFLS = 0x34, ID = 0xfe0, VALUE = 0x8081 };

static u32 base_of;
static u32 read_form(form *f, u32 offset) { return f(VAMBRACE_PL011_IPA + offset, 0, &base_of); }

static void setup(void)
{
    *uart(IBRD) = VALUE;
    *uart(FBRD) = 0x15;
    *uart(LCR_H) = 0x66;
}

static void check_load(form *f, u32 offset, u32 expected, int moved, char const *what)
{
    setup();
    equal(read_form(f, offset), expected, what);
    equal(base_of, VAMBRACE_PL011_IPA + offset + (u32)moved, what);
}

static void arm_loads(void)
{
    check_load(form_ldr_offset, IBRD - 4, VALUE, 0, "ldr [r0, #4]");
    check_load(form_ldr_negative, IBRD + 4, VALUE, 0, "ldr [r0, #-4]");
    check_load(form_ldr_register, IBRD - 4, VALUE, 0, "ldr [r0, r4]");
    check_load(form_ldr_shifted, IBRD - 8, VALUE, 0, "ldr [r0, r4, lsl #1]");
    check_load(form_ldr_minus_register, IBRD + 4, VALUE, 0, "ldr [r0, -r4]");
    check_load(form_ldr_pre, IBRD - 4, VALUE, 4, "ldr [r0, #4]!");
    check_load(form_ldr_post, IBRD, VALUE, 4, "ldr [r0], #4");
    check_load(form_ldr_post_register, IBRD, VALUE, 4, "ldr [r0], r4");
    check_load(form_ldrt_post, IBRD, VALUE, 4, "ldrt [r0], #4");
    check_load(form_ldrb_offset, IBRD, VALUE >> 8, 0, "ldrb [r0, #1]");
    check_load(form_ldrb_post, IBRD, VALUE & 0xff, 1, "ldrb [r0], #1");
    check_load(form_ldrh_offset, IBRD, VALUE, 0, "ldrh [r0]");
    check_load(form_ldrh_register, IBRD - 4, VALUE, 0, "ldrh [r0, r4]");
    check_load(form_ldrh_pre, IBRD - 4, VALUE, 4, "ldrh [r0, #4]!");
    check_load(form_ldrsb_low, IBRD, 0xffffff81, 0, "ldrsb [r0]");
    check_load(form_ldrsb_high, IBRD, 0xffffff80, 0, "ldrsb [r0, #1]");
    check_load(form_ldrsh_0, IBRD, 0xffff8081, 0, "ldrsh [r0]");
    check_load(form_ldrd_0, FBRD, 0x15, 0, "ldrd [r0]");
    check_load(form_ldrd_post, FBRD, 0x15, 8, "ldrd [r0], #8");
    check_load(form_ldm_ia, IBRD, VALUE, 0, "ldmia r0");
    check_load(form_ldm_ia_wb, IBRD, VALUE, 8, "ldmia r0!");
    check_load(form_ldm_ib, IBRD - 4, VALUE, 0, "ldmib r0");
    check_load(form_ldm_da, IBRD + 4, VALUE, 0, "ldmda r0");
    check_load(form_ldm_db_wb, IBRD + 8, VALUE, -8, "ldmdb r0!");
    check_load(form_ldr_taken, IBRD, VALUE, 0, "ldreq");
    check_load(form_ldr_not_taken, IBRD, 0x77, 0, "ldrne, not taken");
    check_load(form_ldm_four, ID, 0x00341011, 0, "ldmia of the identification");
}

static void check_store(form *f, u32 offset, u32 value, u32 at, u32 expected, int moved, char const *what)
{
    setup();
    (void)f(VAMBRACE_PL011_IPA + offset, value, &base_of);
    equal(*uart(at), expected, what);
    equal(base_of, VAMBRACE_PL011_IPA + offset + (u32)moved, what);
}

static void arm_stores(void)
{
    check_store(form_str_offset, IBRD - 4, 0x1234, IBRD, 0x1234, 0, "str [r0, #4]");
    check_store(form_str_pre, IBRD - 4, 0x1234, IBRD, 0x1234, 4, "str [r0, #4]!");
    check_store(form_str_post, IBRD, 0x1234, IBRD, 0x1234, -4, "str [r0], #-4");
    check_store(form_str_shifted, IBRD - 8, 0x1234, IBRD, 0x1234, 0, "str [r0, r4, lsl #1]");
    check_store(form_strt_post, IBRD, 0x1234, IBRD, 0x1234, 4, "strt [r0], #4");
    check_store(form_strb_0, LCR_H, 0xaabb0062, LCR_H, 0x62, 0, "strb [r0]");
    check_store(form_strb_post, LCR_H, 0x62, LCR_H, 0x62, 1, "strb [r0], #1");
    check_store(form_strh_0, IBRD, 0xaabb4321, IBRD, 0x4321, 0, "strh [r0]");
    check_store(form_strh_pre, IBRD - 4, 0x4321, IBRD, 0x4321, 4, "strh [r0, #4]!");
    check_store(form_strd_0, FBRD, 0, FBRD, 4, 0, "strd [r0]");
    check_store(form_strd_0, FBRD, 0, LCR_H, 5, 0, "strd [r0], second word");
    check_store(form_swp_0, IBRD, 0x2468, IBRD, 0x2468, 0, "swp");
    check_store(form_swpb_0, LCR_H, 0x61, LCR_H, 0x61, 0, "swpb");
    check_store(form_stm_ia_wb, IBRD, 0, IBRD, 4, 8, "stmia r0!");
    check_store(form_stm_ia_wb, IBRD, 0, FBRD, 5, 8, "stmia r0!, second word");
    check_store(form_stm_ib, IBRD - 4, 0, FBRD, 5, 0, "stmib r0");
    check_store(form_stm_da, FBRD, 0, IBRD, 4, 0, "stmda r0");
    check_store(form_stm_db_wb, LCR_H, 0, FBRD, 5, -8, "stmdb r0!");
    setup();
    equal(form_swp_0(VAMBRACE_PL011_IPA + IBRD, 1, &base_of), VALUE, "what swp loads");
    setup();
    equal(form_swpb_0(VAMBRACE_PL011_IPA + LCR_H, 1, &base_of), 0x66, "what swpb loads");
}

static void thumb_forms(void)
{
    check_load(form_t_ldr, IBRD - 4, VALUE, 0, "Thumb ldr");
    check_load(form_t_ldr_register, IBRD - 4, VALUE, 0, "Thumb ldr [r0, r4]");
    check_load(form_t_ldrb, IBRD, VALUE >> 8, 0, "Thumb ldrb");
    check_load(form_t_ldrh, IBRD, VALUE, 0, "Thumb ldrh");
    check_load(form_t_ldrsb, IBRD - 4, 0xffffff81, 0, "Thumb ldrsb");
    check_load(form_t_ldrsh, IBRD - 4, 0xffff8081, 0, "Thumb ldrsh");
    check_load(form_t_ldm, IBRD, VALUE, 8, "Thumb ldmia");
    check_store(form_t_str, IBRD - 4, 0x1234, IBRD, 0x1234, 0, "Thumb str");
    check_store(form_t_strb, LCR_H, 0x61, LCR_H, 0x61, 0, "Thumb strb");
    check_store(form_t_strh, IBRD, 0x4321, IBRD, 0x4321, 0, "Thumb strh");
    check_store(form_t_stm, IBRD, 0, FBRD, 5, 8, "Thumb stmia");
}

TEST(loads_mmu_off, "every ARM load reads the UART (MMU off)") { arm_loads(); }

TEST(stores_mmu_off, "every ARM store writes the UART (MMU off)") { arm_stores(); }

TEST(loads, "every ARM load reads the UART (MMU on)")
{
    mmu_on();
    arm_loads();
}

TEST(stores, "every ARM store writes the UART (MMU on)")
{
    mmu_on();
    arm_stores();
}

TEST(thumb, "Thumb loads and stores reach the UART")
{
    mmu_on();
    thumb_forms();
}

TEST_ON(ARMV5, unaligned,
        "an unaligned word load is rotated as the architecture says, an unaligned word store is aligned")
{
    mmu_on();
    setup();
    equal(read_form(form_ldr_offset, IBRD + 1 - 4), 0x81000080, "ldr at 1 mod 4");
    equal(read_form(form_ldr_offset, IBRD + 2 - 4), 0x80810000, "ldr at 2 mod 4");
    (void)form_str_offset(VAMBRACE_PL011_IPA + IBRD + 2 - 4, 0x1357, &base_of);
    equal(*uart(IBRD), 0x1357, "str at 2 mod 4");
}

TEST(user, "guest user reaches the UART where the guest maps it, and only so")
{
    mmu_on();
    map_page(l1, 0x20100000, VAMBRACE_PL011_IPA, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0x20101000, VAMBRACE_PL011_IPA, aps(KERNEL), DOMAIN_USER);
    setup();
    equal(run_user(user_address(user_ldr), 0x20100000 + IBRD, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[1], VALUE, "what guest user reads");
    equal(run_user(user_address(user_str), 0x20100000 + IBRD, 0x1111), SVC_USER, "kind of trap");
    equal(*uart(IBRD), 0x1111, "what guest user wrote");
    equal(run_user(user_address(user_ldr), 0x20101000 + IBRD, 0), DATA_USER, "kind of trap");
    equal(trap.r[1], 0xf | DOMAIN_USER << 4, "fault status");
}

TEST(read_only, "a store to the UART through a read-only mapping is a permission fault")
{
    mmu_on();
    map_page(l1, 0x20102000, VAMBRACE_PL011_IPA, aps(USER_READ), DOMAIN_USER);
    setup();
    equal(run_user(user_address(user_ldr), 0x20102000 + IBRD, 0), SVC_USER, "user's load");
    equal(trap.frame.r[1], VALUE, "what guest user reads");
    for (u32 n = 0; n != access_count; ++n) {
        if (!accesses[n].writes)
            continue;
        u32 const user = run_user(user_address(accesses[n].user), 0x20102000 + FBRD, 0);
        CHECK(user == DATA_USER, "%s from user gives trap %u", accesses[n].name, user);
        equal(trap.r[1], 0xf | DOMAIN_USER << 4 | DFSR_WRITE, "fault status");
        u32 const kernel = probe(accesses[n].kernel, 0x20102000 + FBRD, 0);
        CHECK(kernel == DATA_KERNEL, "%s from kernel gives trap %u", accesses[n].name, kernel);
    }
    equal(*uart(FBRD), 0x15, "FBRD");
}

TEST(crossing, "an access that crosses the device page's end, in either direction, ends in an abort")
{
    mmu_on();
    extern operation kernel_ldm, kernel_stm;
    u32 const ram = 0x20110000, device = 0x20111000, behind = 0x20112000;
    map_page(l1, ram, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, device, VAMBRACE_PL011_IPA, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, behind, SCRATCH + PAGE, aps(USER_WRITE), DOMAIN_USER);
    equal(probe(kernel_ldm, device - 4, 0), DATA_KERNEL, "ldm from RAM into the device");
    equal(probe(kernel_stm, device - 4, 0), DATA_KERNEL, "stm from RAM into the device");
    equal(probe(kernel_ldm, behind - 4, 0), DATA_KERNEL, "ldm from the device into RAM");
    equal(probe(kernel_stm, behind - 4, 0), DATA_KERNEL, "stm from the device into RAM");
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "kind of trap");
}

TEST(neighbours, "the pages beside the devices are nobody's")
{
    mmu_on();
    equal(probe(kernel_ldr, VAMBRACE_PL031_IPA + PAGE, 0), DATA_KERNEL, "kind of trap");
    equal(trap.r[1] & 0xf, 0x8, "fault status");
    equal(probe(kernel_ldr, VAMBRACE_PL011_IPA + PAGE, 0), DATA_KERNEL, "kind of trap");
    equal(probe(kernel_str, VAMBRACE_PL011_IPA + 0xff000, 0), DATA_KERNEL, "kind of trap");
}

TEST(execution, "the UART's page cannot be executed")
{
    mmu_on();
    equal(probe(kernel_bx, VAMBRACE_PL011_IPA, 0), PREFETCH_KERNEL, "kind of trap");
}
