// SPDX-License-Identifier: Apache-2.0
// Words that the fuzzed code works with: addresses where something ends, hypercalls that are nearly right.
#include "fuzz.h"

_Static_assert(VAMBRACE_PL011_IPA == 0x09000000 && VAMBRACE_PL031_IPA == 0x09010000, "they are below");

static u32 const edges[] = {
    0,          1,          4,           8,           0xfff,      0x1000,     0xffc,      0x10000,
    0xfffff,    0x100000,   0x1fffff,    0x7fffffff,  0x80000000, 0xffffffff, 0xfffffffc, 0xfffff000,
    0xfff00000, 0xffff0000, 0xffff0ff0,  0xffff0fff,  0xff000000, 0xff000004, 0xff000ffc, 0xff000fff,
    0xff001000, 0xff001ffc, 0xff002000,  0xff100000,  0xff110000, 0xff200000, 0xff300000, 0xff400000,
    0xff7fffff, 0xff7ffffc, 0xff800000,  0xff7fffb8,  0xfeffffff, 0xfefff000, 0xfefffffc, 0xfeffffb8,
    RAM - 4,    RAM_END,    RAM_END - 4, RAM_END - 1, 0x09000000, 0x09000018, 0x09000038, 0x09000fff,
    0x08ffffff, 0x09010000, 0x101f1000,  0x10009000,  0x60010000, 0xc0000000, 0xbffffffc, 0xc1000000,
};

static u32 const windows[] = {
    DATA,       DATA,         STACKS, STACKS,       CODE,   USER_CODE_PAGES,           USER_LARGE,
    USER_LARGE, USER_SECTION, MIXED,  MIXED_STACKS, MIXED,  USER_DATA_SECTION,         USER_DATA_SECTION,
    MEGABYTE_0, HIGH_PAGE,    ALIAS,  ALIAS + MB,   FRAMES, USER_CODE_PAGES + 0xf0000,
};

enum { EDGES = sizeof edges / sizeof edges[0], WINDOWS = sizeof windows / sizeof windows[0] };

u32 code_address(void)
{
    static u32 const views[] = {CODE,       CODE,       USER_CODE_PAGES, USER_CODE_PAGES,
                                USER_LARGE, USER_LARGE, USER_SECTION,    USER_SECTION,
                                MEGABYTE_0, 0x10000,    ALIAS,           MIXED};
    u32 const offset = below(CODE_SIZE), thumb = offset >= THUMB_HALF;
    return views[below(sizeof views / sizeof views[0])] + (thumb ? offset | 1 : offset & ~3u);
}

u32 data_address(void)
{
    u32 const offset = rnd() & (once_in(3) ? 0xfffff : 0xffff);
    u32 const address = windows[below(WINDOWS)] + offset;
    switch (below(8)) {
    case 0: return address;
    case 1: return (address | 0xfff) - below(80);
    case 2: return edges[below(EDGES)];
    default: return address & ~7u;
    }
}

/// With these and the wrong arguments it would sleep for ever: they are called by write_call() alone.
static bool is_about_waiting(u32 id)
{
    u32 const number = id - VAMBRACE_FUNCTION_BASE;
    return number == VAMBRACE_NR_IDLE || number == VAMBRACE_NR_TIMER_SET ||
           number == VAMBRACE_NR_TIMER_START || number == VAMBRACE_NR_IRQ_ENABLE;
}

static u32 any_call(void)
{
    u32 const id = VAMBRACE_FUNCTION_BASE + below(VAMBRACE_NR_CALLS + 1);
    return is_about_waiting(id) ? VAMBRACE_FUNCTION_BASE : id;
}

u32 value(void)
{
    u32 const random = rnd();
    switch (below(16)) {
    case 0: return random;
    case 1: return random >> (random & 31);
    case 2: return edges[below(EDGES)] + (once_in(4) ? below(256) - 128 : 0);
    case 3:
    case 4: return code_address();
    case 5: return any_call();
    case 6: return (u32)tables[below(TABLE_COUNT)] + (once_in(2) ? below(0x4000) & ~3u : 0);
    case 7: return COARSES + below(COARSE_COUNT * 1024);
    case 8: return VAMBRACE_SHARED_VA + below(0x40);
    case 9: return random & 0xff;
    default: return data_address();
    }
}

static u32 small_size(void) { return once_in(4) ? value() : once_in(3) ? below(70) << 12 : below(4096); }

static u32 table_argument(void)
{
    return once_in(8) ? value() : once_in(3) ? VAMBRACE_ALL_TABLES : (u32)tables[below(TABLE_COUNT)];
}

void timer_call(u32 *r)
{
    u32 const soon = rnd() >> (14 + below(8));
    u64 const then = now + soon;
    bool const start = once_in(3);
    r[0] = start ? VAMBRACE_FUNCTION(TIMER_START) : VAMBRACE_FUNCTION(TIMER_SET);
    r[1] = start ? soon : (u32)then;
    r[2] = (u32)(then >> 32);
}

static void memory_arguments(u32 *r)
{
    switch (r[0] - VAMBRACE_FUNCTION_BASE) {
    case VAMBRACE_NR_SET_LINEAR_MAP:
        r[1] = r[2] = RAM; // elsewhere it would take the fuzzer's own memory away
        r[3] = RAM_SIZE - (once_in(2) ? rnd() & 3 : 0) * MB;
        break;
    case VAMBRACE_NR_CACHE_OP:
        r[1] = below(9);
        r[2] = data_address();
        r[3] = r[1] == VAMBRACE_CACHE_PAGE ? data_address() : small_size();
        break;
    case VAMBRACE_NR_COUNTERS_READ: r[1] = data_address(), r[2] = once_in(4) ? value() : below(32); break;
    default:
        r[1] = table_argument(), r[2] = value() & (once_in(2) ? ~0u : ~0xfffu), r[3] = small_size();
        break;
    }
}

extern struct vambrace_vectors fuzz_vectors[8];

void plausible_call(u32 *r)
{
    static u8 const calls[] = {
        VAMBRACE_NR_RETURN,       VAMBRACE_NR_RETURN,        VAMBRACE_NR_RETURN,
        VAMBRACE_NR_IRQ_DELIVER,  VAMBRACE_NR_IDLE,          VAMBRACE_NR_IDLE,
        VAMBRACE_NR_YIELD,        VAMBRACE_NR_SET_VECTORS,   VAMBRACE_NR_SWITCH_TABLE,
        VAMBRACE_NR_SWITCH_TABLE, VAMBRACE_NR_FORGET_TABLE,  VAMBRACE_NR_SET_LINEAR_MAP,
        VAMBRACE_NR_TLB_FLUSH,    VAMBRACE_NR_TLB_FLUSH,     VAMBRACE_NR_TLB_FLUSH,
        VAMBRACE_NR_CACHE_OP,     VAMBRACE_NR_CACHE_OP,      VAMBRACE_NR_SET_TLS,
        VAMBRACE_NR_TIMER_SET,    VAMBRACE_NR_TIMER_SET,     VAMBRACE_NR_TIME_GET,
        VAMBRACE_NR_IRQ_ENABLE,   VAMBRACE_NR_COUNTERS_READ,
    };
    r[0] = VAMBRACE_FUNCTION_BASE + calls[below(sizeof calls)];
    for (u32 n = 1; n != 4; ++n)
        r[n] = value();
    switch (r[0] - VAMBRACE_FUNCTION_BASE) {
    case VAMBRACE_NR_RETURN: r[1] = once_in(6) ? value() : FRAMES + below(FRAME_COUNT) * 128; break;
    case VAMBRACE_NR_IDLE: r[1] = below(once_in(8) ? 3 : 2); break;
    case VAMBRACE_NR_SET_VECTORS: r[1] = once_in(32) ? value() : (u32)&fuzz_vectors[below(8)]; break;
    case VAMBRACE_NR_SWITCH_TABLE:
    case VAMBRACE_NR_FORGET_TABLE: r[1] = once_in(16) ? value() : (u32)tables[below(TABLE_COUNT)]; break;
    case VAMBRACE_NR_TIMER_SET: timer_call(r); break;
    case VAMBRACE_NR_IRQ_ENABLE: r[1] = below(3), r[2] = r[1] == VAMBRACE_IRQ_TIMER || once_in(2); break;
    default: memory_arguments(r); break;
    }
    if (once_in(24)) {
        static u32 const others[] = {PSCI_VERSION,      PSCI_FEATURES, VAMBRACE_CALL_COUNT, VAMBRACE_CALL_UID,
                                     VAMBRACE_REVISION, 0x84000001,    0x8600ff02,          0xc6000001};
        r[0] = others[below(8)];
    }
}

void call_in_registers(u32 *r)
{
    do
        plausible_call(r);
    while (is_about_waiting(r[0]));
}
