// SPDX-License-Identifier: Apache-2.0
// Two guests share memory and ring each other.
// beside: echo
// region: both 64 rw
// region: one 64 ro
// channel: bell
// channel: second
#include "share.h"

enum { PORTS = VAMBRACE_PORTS_IPA, CB = 3 << 2 };

static u32 volatile *ports(u32 offset) { return (u32 volatile *)(PORTS + offset); }

/// \param bits of the regions' entries
static void map_all(u32 bits)
{
    mmu_on();
    map_page(l1, PORTS, PORTS, aps(KERNEL), DOMAIN_KERNEL);
    map_region(BOTH, 0, USER_WRITE, bits);
    map_region(ONE, 1, USER_WRITE, bits);
    flush_all();
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->irq_pending = 0;
    *ports(VAMBRACE_PORTS_ACK) = ~0u;
    *ports(VAMBRACE_PORTS_MASK) = 0;
    equal((u32)CALL2(IRQ_ENABLE, VAMBRACE_IRQ_PORTS, 1), 0, "IRQ_ENABLE");
}

/// Until the answer's interrupt is there, masked.
static void wait(void)
{
    while (!(shared()->irq_pending >> VAMBRACE_IRQ_PORTS & 1))
        CALL0(IDLE);
}

static void ring(u32 port)
{
    static u32 number;
    *both(ASKED) = ++number;
    equal((u32)CALL1(EVENT_SEND, port), 0, "EVENT_SEND");
    wait();
    equal(*both(ANSWERED), number, "what was answered");
}

static void exchange(u32 port, u32 size, u32 salt)
{
    *both(WORD) = size;
    for (u32 n = 0; n != size; ++n)
        *both(MESSAGE + n) = n ^ salt;
    ring(port);
    for (u32 n = 0; n != size; ++n) {
        equal(*both(MESSAGE + n), ~(n ^ salt), "a word that both write");
        equal(*one(n), ~(n ^ salt), "a word that the other writes");
    }
}

TEST(messages, "messages go both ways, whatever the tables say of the regions' caching")
{
    static u32 const attributes[] = {0, CB, 1 << 3, 1 << 2};
    for (u32 n = 0; n != 4; ++n) {
        map_all(attributes[n]);
        for (u32 size = 1; size < 2000; size = size * 3 + 1) {
            exchange(n % 2, size, size << 16);
            u32 const port = n % 2;
            equal(*ports(VAMBRACE_PORTS_PENDING), 1u << port, "ports that are pending");
            struct vambrace_answer const taken = vambrace_call_event_take();
            equal(taken.r1, 1u << port, "ports that were taken");
            equal(shared()->irq_pending, 0, "the interrupt is low");
        }
    }
}

TEST(registers, "the registers do what the calls do")
{
    map_all(0);
    equal(*ports(VAMBRACE_PORTS_BOUND), 1 << BELL | 1 << SECOND, "ports that lead somewhere");
    *ports(VAMBRACE_PORTS_MASK) = 1 << BELL;
    *both(WORD) = 0;
    *ports(VAMBRACE_PORTS_SEND) = BELL;
    for (u32 n = 0; n != 1000 && !*ports(VAMBRACE_PORTS_PENDING); ++n)
        CALL0(YIELD);
    equal(*ports(VAMBRACE_PORTS_PENDING), 1 << BELL, "ports that are pending");
    equal(shared()->irq_pending, 0, "the masked port does not interrupt");
    equal(vambrace_call_event_take().r2, 1 << BELL, "what EVENT_TAKE says of it");
    *ports(VAMBRACE_PORTS_MASK) = 0;
    equal(shared()->irq_pending, 1 << VAMBRACE_IRQ_PORTS, "it interrupts when it is not masked any more");
    *ports(VAMBRACE_PORTS_ACK) = 1 << BELL;
    equal(*ports(VAMBRACE_PORTS_PENDING), 0, "ports that are pending");
    equal(shared()->irq_pending, 0, "the interrupt is low");
    *ports(VAMBRACE_PORTS_SEND) = 32; // nobody
    *ports(VAMBRACE_PORTS_SEND) = ~0u;
    equal((u32)CALL1(EVENT_SEND, 2), VAMBRACE_DENIED, "EVENT_SEND to a port that leads nowhere");
}

TEST(storm, "who sends ten thousand times is answered, and seen no more often than it lets the other run")
{
    map_all(0);
    *both(WORD) = 0;
    u32 const before = *both(ROUNDS);
    for (u32 n = 0; n != 10000; ++n)
        equal((u32)CALL1(EVENT_SEND, SECOND), 0, "EVENT_SEND");
    wait();
    CHECK(*both(ROUNDS) - before <= 10000, "the other was told more often than it was sent to");
    for (u32 n = 0; n != 100; ++n) // until it has seen the last
        CALL0(YIELD);
}

TEST(read_only, "a region that is read-only takes no store, in no mode, and can be read")
{
    map_all(0);
    exchange(BELL, 4, 7);
    equal(probe(kernel_ldr, ONE, 0), NO_TRAP, "a load");
    for (u32 n = 0; n != access_count; ++n) {
        if (!accesses[n].writes || !accesses[n].kernel)
            continue;
        equal(probe(accesses[n].kernel, ONE + 8, 0xbad), DATA_KERNEL, accesses[n].name);
        equal(run_user(user_address(accesses[n].user), ONE + 8, 0xbad), DATA_USER, accesses[n].name);
    }
    equal(*one(2), ~(2 ^ 7u), "the word is as it was");
    equal(run_user(user_address(user_str), BOTH + 0x8000, 0x600d), SVC_USER,
          "guest user writes to the other");
    equal(*both(0x2000), 0x600d, "what it wrote");
}

TEST(own_memory_only, "tables, the linear map and frames cannot lie in a region")
{
    map_all(0);
    equal((u32)CALL1(SWITCH_TABLE, VAMBRACE_REGION_IPA), VAMBRACE_INVALID_PARAMETERS, "SWITCH_TABLE");
    equal((u32)CALL3(SET_LINEAR_MAP, 0xd0000000, VAMBRACE_REGION_IPA, MB), VAMBRACE_INVALID_PARAMETERS,
          "SET_LINEAR_MAP");
    equal((u32)CALL3(CACHE_OP, VAMBRACE_CACHE_PAGE, VAMBRACE_REGION_IPA, BOTH), VAMBRACE_INVALID_PARAMETERS,
          "CACHE_PAGE");
    u32 *const words = table_words(l1);
    words[0x204] = VAMBRACE_REGION_IPA | TABLE_ENTRY | DOMAIN_KERNEL << 5; // a second-level table in it
    *both(0) = 0;
    flush(l1, 0x20400000, MB);
    equal(probe(kernel_ldr, 0x20400000, 0), DATA_KERNEL, "an access through a table in a region");
    words[0x204] = 0;
    flush(l1, 0x20400000, MB);
}

TEST(ends, "behind a region is nothing")
{
    map_all(0);
    map_page(l1, 0x20300000, VAMBRACE_REGION_IPA + REGION_SIZE, aps(KERNEL), DOMAIN_KERNEL);
    map_page(l1, 0x20301000, VAMBRACE_REGION_IPA - PAGE, aps(KERNEL), DOMAIN_KERNEL);
    map_page(l1, 0x20302000, VAMBRACE_REGION_IPA + 2 * VAMBRACE_REGION_SPACING, aps(KERNEL), DOMAIN_KERNEL);
    for (u32 n = 0; n != 3; ++n)
        equal(probe(kernel_ldr, 0x20300000 + n * PAGE, 0), DATA_KERNEL, "kind of trap");
}
