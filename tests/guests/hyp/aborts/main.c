// SPDX-License-Identifier: Apache-2.0
// Aborts and undefined instructions that the hypervisor gives the guest: as the core would take them
// (DDI 0406C B1.9), in the format of the guest's own tables.
#include "aborts.h"

enum { NOWHERE = 0x0a000000 };

static void data_aborts(u32 read_status)
{
    equal(probe(load, NOWHERE + 0x123450, 0), DATA_ABORT, "a load's kind of trap");
    expect_trap(DATA_ABORT, NOWHERE + 0x123450, read_status);
    equal(trap.frame.lr, (u32)load_at + 8, "lr");
    equal(trap.frame.psr & MODE, SVC, "SPSR.M");
    equal(trap.frame.entry & (MODE | PSR_I | PSR_A | PSR_T), ABT | PSR_I | PSR_A, "CPSR");
    equal(probe(store, NOWHERE + 0x54, 7), DATA_ABORT, "a store's kind of trap");
    expect_trap(DATA_ABORT, NOWHERE + 0x54, read_status | DFSR_WRITE);
    equal(probe(load_byte, NOWHERE + 0x57, 7), DATA_ABORT, "a byte's kind of trap");
    expect_trap(DATA_ABORT, NOWHERE + 0x57, read_status);
    equal(probe(load_pair, NOWHERE + 0x50, 7), DATA_ABORT, "a pair's kind of trap");
    expect_trap(DATA_ABORT, NOWHERE + 0x50, read_status);
    equal(probe(store_many, NOWHERE + 0x60, 7), DATA_ABORT, "several registers' kind of trap");
    expect_trap(DATA_ABORT, NOWHERE + 0x60, read_status | DFSR_WRITE);
}

static void prefetch_aborts(u32 status)
{
    for (u32 thumb = 0; thumb != 2; ++thumb) {
        equal(probe(jump, (NOWHERE + 0x120) | thumb, 0), PREFETCH_ABORT, "kind of trap");
        expect_trap(PREFETCH_ABORT, NOWHERE + 0x120, status);
        equal(trap.frame.lr, NOWHERE + 0x124, "lr");
        equal(trap.frame.psr & (MODE | PSR_T), SVC | (thumb ? PSR_T : 0), "SPSR");
        equal(trap.frame.entry & (MODE | PSR_I | PSR_A | PSR_T), ABT | PSR_I | PSR_A, "CPSR");
    }
}

TEST(without_mmu, "where nothing is, loads, stores and fetches are external aborts with the MMU off")
{
    data_aborts(0x8);
    prefetch_aborts(0x8);
}

TEST(in_short, "where nothing is, they are external aborts in the short format")
{
    mmu_short();
    map_short(NOWHERE, NOWHERE | SHORT_NORMAL);
    map_short(NOWHERE + MB, (NOWHERE + MB) | SHORT_DEVICE);
    data_aborts(0x8);
    prefetch_aborts(0x8);
    mmu_off();
}

TEST(in_long, "where nothing is, they are external aborts in the long format")
{
    mmu_long();
    map_long(NOWHERE, NOWHERE | LONG_NORMAL);
    data_aborts(0x210);
    prefetch_aborts(0x210);
    mmu_off();
    MCR(0, 2, 0, 2, 0);
}

TEST(execution, "no device can be executed")
{
    static u32 const places[] = {VAMBRACE_GICD_IPA, VAMBRACE_GICC_IPA, VAMBRACE_GICC_IPA + PAGE,
                                 VAMBRACE_PL011_IPA};
    for (u32 n = 0; n != 4; ++n) {
        equal(probe(jump, places[n], 0), PREFETCH_ABORT, "kind of trap");
        expect_trap(PREFETCH_ABORT, places[n], 0x8);
    }
}

static u32 in_user(u32 address, u32 value) { return call_user(load, address, value); }

TEST(modes, "an abort from each mode comes with that mode in SPSR")
{
    static u32 const modes[] = {FIQ, IRQ, UND, SYS};
    for (u32 n = 0; n != 4; ++n) {
        catch_traps();
        call_in_mode(load, NOWHERE, 0, modes[n]);
        release_traps();
        equal(trap.kind, DATA_ABORT, "kind of trap");
        equal(trap.frame.psr & MODE, modes[n], "SPSR.M");
    }
    equal(probe(in_user, NOWHERE, 0), DATA_ABORT, "kind of trap from user mode");
    equal(trap.frame.psr & MODE, USR, "SPSR.M");
}

TEST(walks, "tables where nothing is are external aborts on a walk, in the short format")
{
    mmu_short();
    map_short(0x70000000, (NOWHERE & ~0x3ffu) | 1); // a second-level table
    equal(probe(load, 0x70000000, 0), DATA_ABORT, "kind of trap");
    expect_trap(DATA_ABORT, 0x70000000, 0xc);
    equal(probe(store, 0x70001004, 0), DATA_ABORT, "kind of trap");
    expect_trap(DATA_ABORT, 0x70001004, 0xc | DFSR_WRITE);
    equal(probe(jump, 0x70002000, 0), PREFETCH_ABORT, "kind of trap");
    expect_trap(PREFETCH_ABORT, 0x70002000, 0xc);
    map_short(0x70000000, VAMBRACE_GICC_IPA | 1); // a device that is mapped
    equal(probe(load, 0x70000000, 0), DATA_ABORT, "kind of trap by a table in a device");
    expect_trap(DATA_ABORT, 0x70000000, 0xc);
    mmu_off();
}

TEST(long_walks, "tables where nothing is are external aborts on a walk, in the long format")
{
    mmu_long();
    map_long(0x70000000, (u64)NOWHERE | LONG_TABLE);
    equal(probe(load, 0x70000000, 0), DATA_ABORT, "kind of trap");
    expect_trap(DATA_ABORT, 0x70000000, 0x215);
    map_long(0x70000000, 0xff00000000ull | LONG_TABLE); // above 4 GB
    equal(probe(jump, 0x70002000, 0), PREFETCH_ABORT, "kind of trap");
    expect_trap(PREFETCH_ABORT, 0x70002000, 0x215);
    map_long(0x70000000, (u64)VAMBRACE_GICC_IPA | LONG_TABLE);
    equal(probe(store, 0x70000000, 0), DATA_ABORT, "kind of trap by a table in a device");
    expect_trap(DATA_ABORT, 0x70000000, 0x215 | DFSR_WRITE);
    mmu_off();
    MCR(0, 2, 0, 2, 0);
}

static u32 user_c15(u32 a, u32 b) { return (void)a, (void)b, MRC(0, 15, 0, 0); }

TEST(undefined, "an undefined instruction that the hypervisor finds is taken as the core's own")
{
    catch_traps();
    call_user(user_c15, 0, 0);
    release_traps();
    equal(trap.kind, UNDEFINED, "kind of trap");
    equal(trap.frame.psr & MODE, USR, "SPSR.M");
    equal(trap.frame.entry & (MODE | PSR_I | PSR_T | PSR_E), UND | PSR_I, "CPSR");
    equal(*(u32 *)(trap.frame.lr - 4) & 0xffff0fff, 0xee1f0f10, "the instruction before lr");
    equal(probe(thumb_user_c15, 0, 0), UNDEFINED, "kind of trap in Thumb state");
    equal(trap.frame.psr & (MODE | PSR_T), USR | PSR_T, "SPSR");
    equal(*(u16 *)(trap.frame.lr - 2), 0xee1f, "the halfword before lr");
}
