// SPDX-License-Identifier: Apache-2.0
// The smallest guest: it prints, with its MMU off and on, finds its device tree and switches itself off.
#include "hyp.h"

TEST(prints, "a guest prints with its MMU off") { print("hello from a guest\n"); }

TEST(prints_short, "a guest prints with short descriptors")
{
    mmu_short();
    print("hello from virtual memory\n");
    mmu_off();
}

TEST(prints_long, "a guest prints with long descriptors")
{
    mmu_long();
    print("hello from virtual memory\n");
    mmu_off();
}

static u32 mode_of(u32 a, u32 b)
{
    (void)a, (void)b;
    return read_cpsr() & MODE;
}

TEST(modes, "every mode of the core is the guest's own")
{
    static u32 const modes[] = {FIQ, IRQ, SVC, ABT, UND, SYS};
    for (u32 n = 0; n != sizeof modes / sizeof *modes; ++n)
        equal(call_in_mode(mode_of, 0, 0, modes[n]), modes[n], "CPSR.M");
    equal(call_user(mode_of, 0, 0), USR, "CPSR.M");
}

TEST(device_tree, "r2 is a device tree's address")
{
    u32 const *const tree = (u32 const *)start_state.r[2];
    CHECK(start_state.r[2] - RAM < RAM_SIZE, "r2 is %x", start_state.r[2]);
    equal(__builtin_bswap32(tree[0]), 0xd00dfeed, "its first word");
}
