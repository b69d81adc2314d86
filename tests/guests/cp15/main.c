// SPDX-License-Identifier: Apache-2.0
// ARM926's CP15 from guest kernel: identification, control, maintenance; all of it undefined to guest user.
// for: armv5
#include "guest.h"

extern u32 const cp15_count;
extern struct {
    operation *kernel;
    void const *user;
    u32 expected; // 0: emulated; 1: undefined
} const cp15_table[];

TEST(identification, "the identification registers say ARM926EJ-S")
{
    equal(CP15_READ(0, 0, 0) & 0xff0ffff0, 0x41069260 & 0xff0ffff0, "MIDR");
    equal(CP15_READ(0, 0, 3), CP15_READ(0, 0, 0), "a register that reads as MIDR");
    CHECK(CP15_READ(0, 0, 1) & 0x00fff000, "CTR %x has no cache", CP15_READ(0, 0, 1));
    equal(CP15_READ(0, 0, 2), 0, "TCMTR");
}

TEST(control, "SCTLR reads as it was written, with the bits that are fixed")
{
    u32 const old = CP15_READ(1, 0, 0);
    equal(old & SCTLR_M, 0, "SCTLR.M at the start");
    equal(old & 0x00050078, 0x00050078, "bits that read as one");
    u32 const bits[] = {SCTLR_A, 1 << 2, SCTLR_S, SCTLR_R, 1 << 12, 1 << 13, 1 << 14};
    for (u32 n = 0; n != 7; ++n) {
        CP15_WRITE(1, 0, 0, old | bits[n]);
        equal(CP15_READ(1, 0, 0), old | bits[n], "SCTLR");
    }
    CP15_WRITE(1, 0, 0, old | 1 << 7); // B: big-endian does not exist here
    equal(CP15_READ(1, 0, 0), old, "SCTLR with B");
    CP15_WRITE(1, 0, 0, 0);
    equal(CP15_READ(1, 0, 0) & 0x00050078, 0x00050078, "bits that read as one");
    CP15_WRITE(1, 0, 0, old);
}

TEST(table_base, "TTBR reads bits 31:14 of what was written")
{
    u32 const values[] = {0, 0x40000000, 0x40004000, 0xffffc000, 0x41000000};
    for (u32 n = 0; n != 5; ++n) {
        CP15_WRITE(2, 0, 0, values[n] | 0x3fff);
        equal(CP15_READ(2, 0, 0) & 0xffffc000, values[n], "TTBR");
    }
}

TEST(domains, "DACR reads as it was written")
{
    u32 const values[] = {0, 0xffffffff, 0x55555555, 0xaaaaaaaa, 0x12345678};
    for (u32 n = 0; n != 5; ++n) {
        CP15_WRITE(3, 0, 0, values[n]);
        equal(CP15_READ(3, 0, 0), values[n], "DACR");
    }
}

TEST(fault_registers, "DFSR, IFSR and FAR are the guest's own")
{
    mmu_on();
    CP15_WRITE(5, 0, 0, 0x35);
    CP15_WRITE(5, 0, 1, 0x47);
    CP15_WRITE(6, 0, 0, 0x12345678);
    equal(CP15_READ(5, 0, 0), 0x35, "DFSR");
    equal(CP15_READ(5, 0, 1), 0x47, "IFSR");
    equal(CP15_READ(6, 0, 0), 0x12345678, "FAR");
    probe(kernel_ldr, 0x80000010, 0);
    equal(CP15_READ(6, 0, 0), 0x80000010, "FAR after a data abort");
    equal(CP15_READ(5, 0, 0), trap.r[1], "DFSR after a data abort");
    equal(CP15_READ(5, 0, 1), 0x47, "IFSR after a data abort");
}

TEST(far_after_prefetch, "a prefetch abort sets IFSR and leaves FAR and DFSR alone")
{
    mmu_on();
    CP15_WRITE(5, 0, 0, 0x35);
    CP15_WRITE(6, 0, 0, 0x12345678);
    probe(kernel_bx, 0x80000000, 0);
    equal(trap.kind, PREFETCH_KERNEL, "kind of trap");
    equal(CP15_READ(5, 0, 1), trap.r[1], "IFSR");
    equal(CP15_READ(5, 0, 0), 0x35, "DFSR");
    equal(CP15_READ(6, 0, 0), 0x12345678, "FAR");
}

TEST(context_id, "the context identifier can be kept; the FCSE PID stays 0")
{
    CP15_WRITE(13, 0, 1, 0xabcdef01);
    equal(CP15_READ(13, 0, 1), 0xabcdef01, "context id");
    equal(CP15_READ(13, 0, 0), 0, "FCSE PID");
}

TEST(maintenance, "cache and TLB maintenance is emulated")
{
    mmu_on();
    u32 volatile word = 0x600df00d;
    CP15_WRITE(7, 5, 0, 0);
    CP15_WRITE(7, 5, 1, &word);
    CP15_WRITE(7, 6, 1, (u32)&word & ~31u);
    CP15_WRITE(7, 10, 1, &word);
    CP15_WRITE(7, 10, 4, 0);
    CP15_WRITE(7, 14, 1, &word);
    CP15_WRITE(7, 10, 2, 0x40);
    CP15_WRITE(7, 14, 2, 0x40);
    CP15_WRITE(8, 7, 0, 0);
    CP15_WRITE(8, 7, 1, &word);
    CP15_WRITE(8, 6, 1, &word);
    CP15_WRITE(8, 5, 0, 0);
    equal(word, 0x600df00d, "a word");
}

TEST(test_and_clean, "test and clean ends its loop by the flags")
{
    u32 loops = 0;
    __asm__ volatile("1: add %0, %0, #1\n mrc p15, 0, r15, c7, c14, 3\n bne 1b" : "+r"(loops)::"cc");
    equal(loops, 1, "loops");
    __asm__ volatile("1: add %0, %0, #1\n mrc p15, 0, r15, c7, c10, 3\n bne 1b" : "+r"(loops)::"cc");
    equal(loops, 2, "loops");
}

TEST(tlb_by_address, "a CP15 TLB operation makes a changed entry hold")
{
    mmu_on();
    *(u32 *)SCRATCH = 1;
    *(u32 *)(SCRATCH + PAGE) = 2;
    map_page(l1, 0x20100000, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    equal(*(u32 volatile *)0x20100000, 1, "the word before");
    map_page(l1, 0x20100000, SCRATCH + PAGE, aps(KERNEL), DOMAIN_KERNEL);
    CP15_WRITE(8, 7, 1, 0x20100000);
    equal(*(u32 volatile *)0x20100000, 2, "the word after an invalidation by address");
    map_page(l1, 0x20100000, SCRATCH, aps(KERNEL), DOMAIN_KERNEL);
    CP15_WRITE(8, 7, 0, 0);
    equal(*(u32 volatile *)0x20100000, 1, "the word after an invalidation of everything");
}

TEST(every_access, "accesses to registers that the core does not have are undefined to guest kernel")
{
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 1); // one of them waits for an interrupt: here is one
    CALL2(TIMER_SET, 0, 0);
    for (u32 n = 0; n != cp15_count; ++n) {
        u32 const kind = probe(cp15_table[n].kernel, 0, 0);
        if (cp15_table[n].expected)
            CHECK(kind == UNDEFINED_KERNEL, "access %u gives trap %u", n, kind);
        else
            CHECK(kind == NO_TRAP, "access %u gives trap %u", n, kind);
    }
    CALL2(IRQ_ENABLE, VAMBRACE_IRQ_TIMER, 0);
    shared()->irq_pending = 0;
}

TEST(user, "every CP15 access is undefined to guest user")
{
    mmu_on();
    for (u32 n = 0; n != cp15_count; ++n) {
        u32 const kind = run_user(user_address(cp15_table[n].user), 0, 0);
        CHECK(kind == UNDEFINED_USER, "access %u gives trap %u", n, kind);
        equal(trap.frame.pc, user_address(cp15_table[n].user), "pc");
    }
}
