// SPDX-License-Identifier: Apache-2.0
// What is emulated or repaired in Thumb-2 code: guest kernel's CP15, hypercalls and faults; devices.
#include "thumb2.h"

TEST(kernel_mrc, "guest kernel's MRC in an IT block is emulated, and the block goes on")
{
    u32 results[4] = {0, 0, 0, 0};
    u32 const sctlr = CP15_READ(1, 0, 0);
    equal(kernel_it_mrc(1, results), sctlr, "what MRC read");
    equal(results[0], 1, "the instruction before");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    for (u32 n = 0; n != 3; ++n)
        results[n] = 0;
    equal(kernel_it_mrc(0, results), 0, "an MRC that is not taken");
    equal(results[0] | results[1], 0, "instructions that are not taken");
    equal(results[2], 7, "the other case");
}

TEST(kernel_mcr, "guest kernel's MCR and MRC in Thumb are emulated, and are four bytes")
{
    u32 const old = CP15_READ(13, 0, 1);
    equal(kernel_wide_mcr(0x0badf00d), 0x0badf00d, "what was written and read");
    equal(CP15_READ(13, 0, 1), 0x0badf00d, "the register");
    CP15_WRITE(13, 0, 1, old);
}

TEST_ON(ARMV7 | NOT_NATIVE, kernel_svc, "a hypercall in an IT block goes on in the block, by SVC and by SMC")
{
    for (u32 n = 0; n != 2; ++n) {
        u32 results[2] = {0, 0};
        equal((n ? kernel_it_smc : kernel_it_svc)(PSCI_VERSION, results), 0x10000, "PSCI version");
        equal(results[0], 3, "the instruction behind");
        equal(results[1], 0, "the other case");
    }
}

static bool repair(struct trap *t)
{
    if (t->kind != DATA_KERNEL)
        return false;
    equal(t->frame.psr & (IT_BITS | THUMB), IT_SECOND | THUMB, "IT and T of the frame");
    equal(t->frame.pc, (u32)kernel_it_load_at, "pc");
    map_page(l1, AREA, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    return true;
}

TEST(kernel_fault, "a data abort of guest kernel in an IT block is repaired, and the block goes on")
{
    mmu_on();
    static u32 results[4];
    *(u32 volatile *)SCRATCH = 0x600d10ad;
    unmap_section(l1, AREA);
    flush(l1, AREA, PAGE);
    trap_hook = repair;
    kernel_it_load(AREA, (u32)results);
    trap_hook = NULL;
    equal(trap.kind, DATA_KERNEL, "kind of trap");
    equal(results[0], 0x600d10ad, "what was loaded");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    unmap_section(l1, AREA);
    flush(l1, AREA, PAGE);
}

enum { UART_IBRD = 0x24, DIVISOR = 0x1234 };

TEST_ON(ARMV7 | NOT_NATIVE, device, "a device access in an IT block is emulated, and the block goes on")
{
    static u32 results[4];
    mmu_on();
    *uart(UART_IBRD) = DIVISOR;
    kernel_it_load(VAMBRACE_PL011_IPA + UART_IBRD, (u32)results);
    equal(results[0], DIVISOR, "what guest kernel loaded");
    equal(results[1], 3, "the instruction behind");
    equal(results[2], 0, "the other case");
    map_page(l1, AREA, VAMBRACE_PL011_IPA, aps(USER_WRITE), DOMAIN_USER);
    flush(l1, AREA, PAGE);
    run_thumb(user_it_load, AREA + UART_IBRD);
    check_rest();
    equal(trap.frame.r[5], DIVISOR, "what guest user loaded");
    run_thumb(user_it_store, AREA + UART_IBRD);
    check_rest();
    equal(*uart(UART_IBRD), (AREA + UART_IBRD) & 0xffff, "what guest user stored");
    run_thumb(user_it_false_load, AREA + UART_IBRD);
    equal(trap.frame.r[5], 0, "a load that is not taken");
    unmap_page(l1, AREA);
    flush(l1, AREA, PAGE);
}

TEST_ON(ARMV7 | NOT_NATIVE, wide_device, "32-bit loads and stores of every form reach the device")
{
    static u32 out[3];
    mmu_on();
    for (u32 n = 0; n != wide_form_count; ++n) {
        *uart(UART_IBRD) = 0x8081;
        wide_forms[n].run(VAMBRACE_PL011_IPA + UART_IBRD + wide_forms[n].offset, out);
        if (wide_forms[n].loads)
            CHECK(out[0] == wide_forms[n].value, "%s loads %x", wide_forms[n].name, out[0]);
        else
            CHECK(*uart(UART_IBRD) == wide_forms[n].value, "%s stores %x", wide_forms[n].name,
                  *uart(UART_IBRD));
        CHECK(out[1] == VAMBRACE_PL011_IPA + UART_IBRD + (u32)(wide_forms[n].offset + wide_forms[n].moved),
              "%s leaves %x in its base", wide_forms[n].name, out[1]);
    }
}
