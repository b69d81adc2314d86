// SPDX-License-Identifier: Apache-2.0
// What the frequent exits cost, in instructions of the hypervisor: under QEMU's -icount a nanosecond is one.
// icount: 0
#include "hyp.h"

enum { MANY = 4096, FEW = 64, DR = 0, FR = 0x18, IMSC = 0x38, TICK_NS = 16 };

/// Instructions of one of `count` operations. `own`: the guest's in it, but for the loop's own three.
#define COST(count, own, operation)                                                                          \
    ({                                                                                                       \
        u64 const before = cntvct();                                                                         \
        u32 left = (count);                                                                                  \
        do {                                                                                                 \
            operation;                                                                                       \
            __asm__ volatile("sub %0, %0, #1" : "+r"(left));                                                 \
        } while (left);                                                                                      \
        (u32)(cntvct() - before) * TICK_NS / (count)-3 - (own);                                              \
    })

static void at_most(u32 most, u32 cost, char const *what)
{
    print("%s: %u instructions\n", what, cost);
    CHECK(cost <= most, "%s takes %u instructions, not at most %u", what, cost, most);
}

static inline void call(u32 id)
{
    register u32 r0 __asm__("r0") = id;
    register u32 r1 __asm__("r1") = 0;
    __asm__ volatile("hvc #0" : "+r"(r0), "+r"(r1)::"r2", "r3", "memory");
}

TEST(calls, "a call for a version costs at most 24 instructions, another at most 90")
{
    at_most(24, COST(MANY, 2, call(SMCCC_VERSION)), "SMCCC_VERSION");
    at_most(24, COST(MANY, 2, call(PSCI_VERSION)), "PSCI_VERSION");
    at_most(90, COST(MANY, 2, call(PSCI_AFFINITY_INFO)), "AFFINITY_INFO");
}

TEST(console, "the console's flags and data cost at most 115 instructions to read, a character 120 to write")
{
    at_most(115, COST(MANY, 1, (void)*uart(FR)), "reading FR");
    at_most(115, COST(MANY, 1, (void)*uart(DR)), "reading DR");
    at_most(120, COST(FEW, 1, *uart(DR) = '.'), "writing DR");
}

TEST(distributor, "a word of the distributor costs at most 200 instructions")
{
    gic_start();
    at_most(200, COST(MANY, 1, (void)*gicd(GICD_ISENABLER + 4)), "reading ISENABLER1");
    at_most(200, COST(MANY, 1, *gicd(GICD_ISENABLER + 4) = 1 << (UART_INTID - 32)), "writing ISENABLER1");
}

TEST(decoded, "an access that has to be decoded costs at most 660 instructions")
{
    at_most(660,
            COST(MANY, 2, u32 address = (u32)uart(FR); u32 value;
                 __asm__ volatile("ldr %0, [%1], #4"
                                  : "=&r"(value), "+r"(address)::"memory")),
            "LDR with writeback");
}

/// From the write that lets the timer fire to the interrupt in GICC_IAR, with interrupts masked.
TEST(timer, "an interrupt of the virtual timer costs at most 100 instructions")
{
    mask();
    gic_start();
    set_bit(GICD_ISENABLER, CNTV_INTID);
    cntv(TIMER_ON, 0);
    u32 const cost = COST(MANY, 9, MCR(0, 14, 3, 1, TIMER_ON); u32 const iar = *gicc(GICC_IAR);
                          MCR(0, 14, 3, 1, 0); *gicc(GICC_EOIR) = iar);
    cntv(0, 0);
    at_most(100, cost, "CNTV's interrupt");
}

/// A line that goes up and down, each by a write to the UART, of which the cost is known.
TEST(line, "a change of a device's line costs at most 200 instructions beside the access that makes it")
{
    mask();
    gic_start();
    set_bit(GICD_ISENABLER, UART_INTID);
    *uart(DR) = '\n';
    u32 const access = COST(MANY, 1, *uart(IMSC) = 0);
    u32 const both = COST(MANY, 2, *uart(IMSC) = 0x20; *uart(IMSC) = 0);
    at_most(200, both / 2 - access, "a line up or down");
}

/// The counter goes on while nobody runs: what is more than the time that was waited for.
TEST(wait, "waiting for the own timer costs at most 260 instructions")
{
    enum { WAIT = 200 };
    mask();
    gic_start();
    set_bit(GICD_ISENABLER, CNTV_INTID);
    u32 const cost = COST(FEW, 12, MCR(0, 14, 3, 0, WAIT); MCR(0, 14, 3, 1, TIMER_ON); wfi();
                          u32 const iar = *gicc(GICC_IAR); MCR(0, 14, 3, 1, 0); *gicc(GICC_EOIR) = iar);
    at_most(260, cost - WAIT * TICK_NS, "WFI");
}
