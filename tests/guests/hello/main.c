// SPDX-License-Identifier: Apache-2.0
// The smallest guest: it prints, with its MMU off and on, and switches itself off.
#include "guest.h"

TEST(says_hello, "a guest prints with its MMU off") { print("hello from a guest\n"); }

TEST(says_hello_with_mmu, "a guest prints with its MMU on")
{
    mmu_on();
    print("hello from virtual memory\n");
}

TEST(linear_map_shows_ram, "the linear map and the identity map show the same memory")
{
    mmu_on();
    u32 volatile *const here = (u32 *)SCRATCH, *const there = (u32 *)(SCRATCH - RAM + LINEAR_VA);
    *here = 0x12345678;
    equal(*there, 0x12345678, "the word");
}

TEST(runs_guest_user, "guest user runs and calls its kernel")
{
    mmu_on();
    equal(run_user(user_address(user_nothing), 7, 8), SVC_USER, "kind of trap");
    equal(trap.frame.r[0], 7, "r0");
    equal(trap.frame.r[1], 8, "r1");
}
