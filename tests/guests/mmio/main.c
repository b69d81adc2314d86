// SPDX-License-Identifier: Apache-2.0
// The UART through every form of load and store, decoded by the hypervisor.
#include "forms.h"
#include "guest.h"

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
    uart_setup();
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
    uart_setup();
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
    uart_setup();
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
