// SPDX-License-Identifier: Apache-2.0
// Every hypercall and every number near one, with edge and random arguments.
// hostile: ends by itself
#include "guest.h"

static u32 const edges[] = {
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    31,
    32,
    33,
    0xfff,
    0x1000,
    0x1001,
    0x3fff,
    0x4000,
    0xfffff,
    0x100000,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0xfffffffe,
    0xfffffffc,
    0xfffff000,
    0xfff00000,
    RAM - 1,
    RAM,
    RAM + 0x4000,
    RAM_END - 4,
    RAM_END,
    RAM_END + 1,
    0xff000000,
    0xff000004,
    0xff001000,
    0xff100000,
    0xff110000,
    0xff300000,
    0xff400000,
    0xff7fffff,
    0xff800000,
    0xfeffffff,
    0xfefff000,
    0x101f1000,
    0x10000,
    0xffff0ff0,
    LINEAR_VA,
    LINEAR_VA + 0x4000,
};
enum { EDGES = sizeof edges / sizeof edges[0], CALLS = VAMBRACE_NR_CALLS + 4 };
static u32 state = 0x20240607;

/// Random, an edge, or an address of ours: as one would aim.
static u32 argument(void)
{
    u32 const random = next_random(&state);
    switch (random & 7) {
    case 0: return random;
    case 1: return SCRATCH + (random >> 8 & 0x7ffffc);
    case 2: return random >> (random >> 8 & 31);
    case 3: return (u32)l1;
    default: return edges[(random >> 8) % EDGES];
    }
}

/// RETURN, IDLE and what ends us or blinds us are not called here with everything.
static bool spared(u32 id) { return id == SYSTEM_OFF || id == SYSTEM_RESET || id == VAMBRACE_FUNCTION(IDLE); }

static u32 identifier(void)
{
    u32 const random = next_random(&state);
    switch (random & 15) {
    case 0: return next_random(&state);
    case 1: return 0x84000000 + (random >> 8 & 31);
    case 2: return 0x8600ff00 + (random >> 8 & 7);
    case 3: return 0xc6000000 + (random >> 8 & 31);
    default: return VAMBRACE_FUNCTION_BASE + (random >> 8) % CALLS;
    }
}

/// What a lucky call has changed is put right, so that the next one starts from a guest that can go on.
static void restore(void)
{
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
    shared()->irq_pending = 0;
    CALL1(SWITCH_TABLE, l1);
    CALL3(SET_LINEAR_MAP, LINEAR_VA, RAM, RAM_SIZE);
    set_vectors();
}

static void attack(u32 id, u32 a1, u32 a2, u32 a3)
{
    if (spared(id))
        return;
    if (id == VAMBRACE_FUNCTION(SWITCH_TABLE) && a1 != (u32)l1 && !(a1 & 0x3fff) && a1 - RAM < RAM_SIZE)
        return; // a table of rubbish: evil_tables does that
    ask(id, a1, a2, a3);
    if (id == VAMBRACE_FUNCTION(SWITCH_TABLE) || id == VAMBRACE_FUNCTION(SET_LINEAR_MAP) ||
        id == VAMBRACE_FUNCTION(SET_VECTORS))
        restore();
    shared()->irq_mask = VAMBRACE_IRQ_MASKED;
}

static bool fine(void)
{
    return run_user(user_address(user_nothing), 1, 2) == SVC_USER && ask(PSCI_VERSION, 0, 0, 0).r0 == 0x10000;
}

TEST(edges_mmu_off, "every call with every pair of edge arguments (MMU off)")
{
    for (u32 call = 1; call != CALLS; ++call)
        for (u32 a = 0; a != EDGES; ++a)
            for (u32 b = 0; b < EDGES; b += 3)
                if (call != VAMBRACE_NR_SET_LINEAR_MAP)
                    attack(VAMBRACE_FUNCTION_BASE + call, edges[a], edges[b], edges[(a + b) % EDGES]);
    equal(ask(PSCI_VERSION, 0, 0, 0).r0, 0x10000, "PSCI version");
}

TEST(edges_mmu_on, "every call with every pair of edge arguments (MMU on)")
{
    mmu_on();
    restore();
    for (u32 call = 1; call != CALLS; ++call)
        for (u32 a = 0; a != EDGES; ++a)
            for (u32 b = 0; b != EDGES; ++b)
                attack(VAMBRACE_FUNCTION_BASE + call, edges[a], edges[b], edges[(3 * a + b) % EDGES]);
    CHECK(fine(), "the guest cannot go on");
}

TEST(random, "twenty thousand random calls")
{
    mmu_on();
    restore();
    for (u32 n = 0; n != 20000; ++n) {
        u32 const id = identifier(), a = argument(), b = argument(), c = argument();
        if (id != VAMBRACE_FUNCTION(RETURN))
            attack(id, a, b, c);
    }
    restore();
    CHECK(fine(), "the guest cannot go on");
}

static struct vambrace_frame frame;

TEST(random_returns, "random frames for guest user, and random addresses of frames")
{
    mmu_on();
    restore();
    for (u32 n = 0; n != 3000; ++n) {
        for (u32 word = 0; word != VAMBRACE_FRAME_SIZE / 4; ++word)
            ((u32 *)&frame)[word] = argument();
        frame.psr = (frame.psr & ~0x1fu) | VAMBRACE_PSR_USER;
        run_user_frame_at(&frame, (struct vambrace_frame *)vectors.user_frame);
        u32 const at = argument();
        if (at - RAM >= RAM_SIZE && at - LINEAR_VA >= RAM_SIZE)
            (void)resume((struct vambrace_frame *)at);
        restore();
    }
    CHECK(fine(), "the guest cannot go on");
}
