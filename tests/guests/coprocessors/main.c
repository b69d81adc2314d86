// SPDX-License-Identifier: Apache-2.0
// Every access to p14 and p15 that can be encoded: guest user reaches its thread registers, the barriers and
// nothing
// else; guest kernel reaches nothing that is not its own.
// for: armv6 armv7
// hostile: ends by itself
// native: yes
#include "guest.h"

enum { CODE = 0x20100000, STORE = 0, LOAD = 1, SVC_1 = 0xef000001, BX_LR = 0xe12fff1e };
enum { MARK = 0x6d61726b, PAIRS = PAGE / 8 };
enum { THREAD_RW = 0xd02, THREAD_RO = 0xd03, PREFETCH_FLUSH = 0x754, DSB_OP = 0x7a4, DMB_OP = 0x7a5 };
/// Of use to nobody: PMUSERENR says that the rest of the performance monitors is closed (DDI 0406C B4.1.124),
/// and
/// ARM11's block transfer status that none runs (DDI 0211 3.2.22).
enum { PMUSERENR = 0x9e0, BLOCK_STATUS = 0x7c4 };

/// As the manuals write it, opc1, CRn, CRm, opc2: 0x0d02 for 0, c13, c0, 2.
static u32 name_of(u32 opc1, u32 crn, u32 crm, u32 opc2) { return opc1 << 12 | crn << 8 | crm << 4 | opc2; }

static u32 encode(u32 coprocessor, u32 load, u32 name)
{
    return 0xee000010 | (name >> 12) << 21 | load << 20 | (name >> 8 & 0xf) << 16 | 1 << 12 |
           coprocessor << 8 | (name & 7) << 5 | (name >> 4 & 0xf);
}

static bool user_may(u32 coprocessor, u32 load, u32 name)
{
    if (coprocessor == 15 && load)
        return name == THREAD_RW || name == THREAD_RO || name == (ARCH == ARMV7 ? PMUSERENR : BLOCK_STATUS);
    if (coprocessor == 15)
        return name == THREAD_RW || name == PREFETCH_FLUSH || name == DSB_OP || name == DMB_OP;
    return false;
}

/// What tells of the debug hardware and changes nothing: QEMU has no DBGDSCR.UDCCdis.
static bool is_debug_read(u32 coprocessor, u32 load, u32 name)
{
    return coprocessor == 14 && load &&
           (name == 0 || name == name_of(0, 1, 0, 0) || name == name_of(0, 2, 0, 0) ||
            name == name_of(0, 0, 1, 0));
}

static void write_code(u32 coprocessor, u32 load, u32 first, u32 behind)
{
    u32 *const code = (u32 *)SCRATCH;
    for (u32 n = 0; n != PAIRS; ++n) {
        u32 const number = first + n; // the lowest three bits are opc2, which has four bits in a name
        code[2 * n] = encode(coprocessor, load, (number >> 3) << 4 | (number & 7));
        code[2 * n + 1] = behind;
    }
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, PAGE);
}

enum { NUMBERS = 8 * 16 * 16 * 8 };

static void check_user(u32 coprocessor, u32 load, u32 first)
{
    write_code(coprocessor, load, first, SVC_1);
    for (u32 n = 0; n != PAIRS; ++n) {
        u32 const name = ((first + n) >> 3) << 4 | (n & 7);
        u32 const kind = run_user(CODE + 8 * n, 0, MARK);
        if (is_debug_read(coprocessor, load, name))
            continue;
        bool const may = user_may(coprocessor, load, name);
        if (ARCH == ARMV6 && may && (name == BLOCK_STATUS || name == THREAD_RW || name == THREAD_RO))
            continue; // not every ARM11 has them
        CHECK(kind == (may ? SVC_USER : UNDEFINED_USER), "p%u %s %x gives trap %u", coprocessor,
              load ? "MRC" : "MCR", name, kind);
        if (!may || name == PMUSERENR)
            CHECK(trap.frame.r[1] == (may ? 0 : MARK), "p%u MRC %x reads %x", coprocessor, name,
                  trap.frame.r[1]);
    }
}

static void check_all_of_user(u32 coprocessor)
{
    mmu_on();
    map_page(l1, CODE, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 load = STORE; load <= LOAD; ++load)
        for (u32 first = 0; first != NUMBERS && !failed(); first += PAIRS)
            check_user(coprocessor, load, first);
}

TEST(user_p15, "of p15 guest user reaches TPIDRURW, TPIDRURO and the barriers, and no more")
{
    check_all_of_user(15);
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, user_p14, "of p14 guest user reaches nothing") { check_all_of_user(14); }

TEST(user_pairs, "MCRR, MRRC, CDP, LDC and STC on p14 and p15 are undefined to guest user")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    map_page(l1, CODE, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    for (u32 n = 0; n != 2 * 2 * 256 * 3; ++n) {
        u32 const coprocessor = 14 + (n & 1), load = n >> 1 & 1, rest = n >> 2 & 255, form = n >> 10;
        code[0] = form == 0   ? 0xec421000 | load << 20 | coprocessor << 8 | rest
                  : form == 1 ? 0xee000000 | coprocessor << 8 | (rest >> 4) << 20 | (rest & 0xf) << 12
                              : 0xed800000 | load << 20 | coprocessor << 8 | rest << 12;
        code[1] = SVC_1;
        CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 8);
        u32 const kind = run_user(CODE, USER_DATA, MARK);
        bool const block =
            ARCH == ARMV6 && form == 0 && coprocessor == 15 && !load; // ARM11's ranges: see below
        CHECK(kind == UNDEFINED_USER || (block && kind == SVC_USER), "%x gives trap %u", code[0], kind);
    }
}

/// What changes how this guest goes on: tested elsewhere.
static bool spared(u32 coprocessor, u32 load, u32 name)
{
    u32 const crn = name >> 8 & 0xf;
    return coprocessor == 15 && !load &&
           (crn == 1 || crn == 2 || crn == 3 || name == name_of(0, 7, 0, 4) || (crn == 13 && !(name & 0xff)));
}

static void check_kernel(u32 coprocessor, u32 load, u32 first, u32 value)
{
    write_code(coprocessor, load, first, BX_LR);
    for (u32 n = 0; n != PAIRS; ++n) {
        u32 const name = ((first + n) >> 3) << 4 | (n & 7);
        if (spared(coprocessor, load, name))
            continue;
        u32 const kind = probe((operation *)(SCRATCH + 8 * n), 0, value);
        CHECK(kind == NO_TRAP || kind == UNDEFINED_KERNEL, "p%u %s %x gives trap %u", coprocessor,
              load ? "MRC" : "MCR", name, kind);
    }
    u32 cpsr;
    __asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
    equal(cpsr & 0x1ff, 0x10, "CPSR");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, kernel,
        "no access of guest kernel to p14 or p15 does anything but its own")
{
    mmu_on();
    u32 const sctlr = CP15_READ(1, 0, 0), table = CP15_READ(2, 0, 0), values[] = {0, 0xffffffff, 0xdeadbeef};
    for (u32 coprocessor = 14; coprocessor <= 15; ++coprocessor)
        for (u32 round = 0; round != 3; ++round)
            for (u32 first = 0; first != NUMBERS && !failed(); first += PAIRS) {
                check_kernel(coprocessor, STORE, first, values[round]);
                if (round == 0)
                    check_kernel(coprocessor, LOAD, first, 0);
            }
    equal(CP15_READ(1, 0, 0), sctlr, "SCTLR");
    equal(CP15_READ(2, 0, 0), table, "TTBR0");
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "guest user's kind of trap");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, kernel_pairs,
        "no MCRR of guest kernel does anything but its own, whatever its range")
{
    mmu_on();
    u32 *const code = (u32 *)SCRATCH;
    u32 const ends[] = {0, 0xffffffff, 0xff100000, USER_DATA, 0xff7fffe0, RAM_END};
    for (u32 n = 0; n != 2 * 256 * 6; ++n) {
        code[0] = 0xec401e00 | (n & 1) << 8 | (n >> 1 & 255); // r0: start, r1: end, by their numbers
        code[1] = BX_LR;
        CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, SCRATCH, 8);
        u32 const kind = probe((operation *)SCRATCH, ends[n >> 9], ends[(n >> 9) * 5 % 6]);
        CHECK(kind == NO_TRAP || kind == UNDEFINED_KERNEL, "%x gives trap %u", code[0], kind);
    }
    equal(run_user(user_address(user_nothing), 0, 0), SVC_USER, "guest user's kind of trap");
}
