// SPDX-License-Identifier: Apache-2.0
// What an access to a device costs, in instructions: under QEMU's -icount a nanosecond is one.
// icount: 0
#include "guest.h"

enum { IBRD = 0x24, IMSC = 0x38, MANY = 4000, MOST = 200 };

/// The loop's own: 4 instructions for each access, the access included.
#define COST(access)                                                                                         \
    ({                                                                                                       \
        u64 const before = time_ns();                                                                        \
        u32 left = MANY;                                                                                     \
        __asm__ volatile("1: " access "\n\tsubs %0, %0, #1\n\tnop\n\tbne 1b"                                 \
                         : "+r"(left)                                                                        \
                         : "r"(*uart(0)), "r"(uart(0))                                                       \
                         : "r3", "cc", "memory");                                                            \
        (u32)(time_ns() - before) / MANY - 3;                                                                \
    })

static void check_cost(u32 cost, char const *what)
{
    print("%s: %u instructions\n", what, cost);
    CHECK(cost <= MOST, "%s takes %u instructions, not at most %u", what, cost, MOST);
}

TEST(load, "a load from a device costs the hypervisor at most 200 instructions")
{
    mmu_on();
    check_cost(COST("ldr r3, [%2, #0x18]"), "a load of FR");
    check_cost(COST("ldr r3, [%2, #0x3c]"), "a load of RIS");
}

TEST(store, "a store to a device costs the hypervisor at most 200 instructions")
{
    mmu_on();
    check_cost(COST("str %1, [%2, #0x24]"), "a store to IBRD");
    check_cost(COST("str %1, [%2, #0x44]"), "a store to ICR");
}
