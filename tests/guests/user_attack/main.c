// SPDX-License-Identifier: Apache-2.0
// A guest user program against the hypervisor's addresses and its own kernel's, with every access there is.
// hostile: ends by itself
#include "guest.h"

static u32 const forbidden[] = {
    0,
    4,
    8,
    0x20,
    0xff0,
    0xff8,
    VAMBRACE_SHARED_VA,
    VAMBRACE_SHARED_VA + 4,
    VAMBRACE_SHARED_VA + 0xff0,
    VAMBRACE_COUNTER_VA,
    VAMBRACE_COUNTER_VA + 0x5c,
    VAMBRACE_COUNTER_VA + 0xff0,
    0xff002000,
    0xff0ffff0,
    0xff100000,
    0xff110000,
    0xff118000,
    0xff1ffff0,
    0xff200000,
    0xff201000,
    0xff202000,
    0xff300000,
    0xff400000,
    0xff404000,
    0xff7ffff0,
    RAM,
    RAM + 0x8000,
    RAM_END - 16,
    LINEAR_VA,
    LINEAR_VA + 0x4000,
    VAMBRACE_PL011_IPA,
    VAMBRACE_PL011_IPA + 0x18,
    0x30000000,
    0xfffffff0,
};
enum { FORBIDDEN = sizeof forbidden / sizeof forbidden[0] };

static void attack(u32 address)
{
    for (u32 n = 0; n != access_count; ++n) {
        u32 const mask = shared()->irq_mask;
        u32 const kind = run_user(user_address(accesses[n].user), address, 0x41414141);
        CHECK(kind == DATA_USER, "%s at %x gives trap %u", accesses[n].name, address, kind);
        equal(trap.r[0], address, "fault address");
        CHECK((trap.r[1] & 0xf) == 5 || (trap.r[1] & 0xf) == 7 || (trap.r[1] & 0xf) == 0xd ||
                  (trap.r[1] & 0xf) == 0xf,
              "%s at %x gives status %x", accesses[n].name, address, trap.r[1]);
        CHECK(trap.frame.r[1] == 0x41414141, "%s at %x leaves %x in r1", accesses[n].name, address,
              trap.frame.r[1]);
        equal(shared()->irq_mask, mask, "irq_mask");
    }
}

TEST(every_access, "every access of guest user to what is not its own is a fault, and changes nothing")
{
    mmu_on();
    u32 const image = *(u32 *)(RAM + 0x8000);
    for (u32 n = 0; n != FORBIDDEN; ++n)
        attack(forbidden[n]);
    equal(*(u32 *)(RAM + 0x8000), image, "the guest's own first instruction");
}

TEST(after_the_kernel, "the same right after guest kernel has used the address")
{
    mmu_on();
    for (u32 n = 0; n != FORBIDDEN; ++n) {
        (void)probe(kernel_ldr, forbidden[n], 0);
        attack(forbidden[n]);
    }
}

TEST(across_the_edge,
     "an access that begins in guest user's page and ends in the window or page 0's neighbour faults")
{
    mmu_on();
    map_page(l1, 0xfefff000, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    map_page(l1, 0xff800000, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != access_count; ++n) {
        if (accesses[n].size != 8)
            continue;
        u32 const kind = run_user(user_address(accesses[n].user), 0xfefffffc, 0x41414141);
        CHECK(kind == DATA_USER, "%s gives trap %u", accesses[n].name, kind);
        if (kind == DATA_USER)
            CHECK(trap.r[0] == 0xff000000 || trap.r[0] == 0xfefffffc, "%s: fault address %x",
                  accesses[n].name, trap.r[0]);
    }
}

extern char user_svc_id[];

TEST(hypercalls_are_system_calls, "guest user's SVC with a hypercall's identifier is a system call")
{
    mmu_on();
    u32 const ids[] = {SYSTEM_OFF, SYSTEM_RESET, PSCI_VERSION, VAMBRACE_CALL_UID};
    for (u32 n = 0; n != VAMBRACE_NR_CALLS + 4u; ++n) {
        u32 const id = n < VAMBRACE_NR_CALLS ? VAMBRACE_FUNCTION_BASE + n : ids[n - VAMBRACE_NR_CALLS];
        equal(run_user(user_address(user_svc_id), id, 0x5555), SVC_USER, "kind of trap");
        equal(trap.frame.r[0], id, "r0");
        equal(trap.frame.r[1], 0x5555, "r1");
        equal(trap.frame.pc, user_address(user_svc_id) + 4, "pc");
    }
}

TEST(flags_of_the_mode, "guest user cannot mask interrupts or leave its mode by its flags")
{
    mmu_on();
    extern char user_msr[];
    equal(run_user(user_address(user_msr), 0xff, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[1] & 0x1ff, 0x10, "guest user's CPSR");
    equal(trap.frame.psr & 0xff, VAMBRACE_PSR_USER, "the frame's psr");
}
