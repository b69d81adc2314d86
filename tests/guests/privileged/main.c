// SPDX-License-Identifier: Apache-2.0
// Privileged instructions of every kind, from guest kernel and guest user: none has an effect outside USR
// mode.
// hostile: ends by itself
#include "guest.h"

enum may { IGNORED, UNDEFINED, PREFETCH, ANY };
extern struct {
    operation *kernel;
    void const *user;
    u32 word, may;
} const privileged_table[];
extern u32 const privileged_count;
extern operation kernel_movs_pc, kernel_subs_pc, kernel_ldm_pc;
extern char user_movs_pc[], user_smc[], user_hvc[], user_thumb_bkpt[], user_thumb_undefined[];
u32 kernel_thumb_svc(u32 id);

static u32 cpsr(void)
{
    u32 value;
    __asm__ volatile("mrs %0, cpsr" : "=r"(value));
    return value;
}

static void still_deprivileged(u32 word)
{
    CHECK((cpsr() & 0x1ff) == 0x10, "CPSR is %x after %x", cpsr(), word);
}

static u32 scratch_words[16];

TEST(kernel, "no privileged instruction of guest kernel leaves USR mode or does what it says")
{
    mmu_on();
    u32 const sctlr = CP15_READ(1, 0, 0);
    for (u32 n = 0; n != privileged_count; ++n) {
        u32 const word = privileged_table[n].word, may = privileged_table[n].may;
        if (word == 0xee010f10) // SCTLR: guest kernel may
            continue;
        u32 const kind = probe(privileged_table[n].kernel, (u32)(scratch_words + 8), 0);
        if (may == IGNORED)
            CHECK(kind == NO_TRAP, "%x gives trap %u", word, kind);
        if (may == UNDEFINED)
            CHECK(kind == UNDEFINED_KERNEL, "%x gives trap %u", word, kind);
        if (may == PREFETCH)
            CHECK(kind == PREFETCH_KERNEL && (trap.r[1] & 0xf) == 2, "%x gives trap %u, status %x", word,
                  kind, trap.r[1]);
        still_deprivileged(word);
    }
    equal(CP15_READ(1, 0, 0), sctlr, "SCTLR");
}

TEST(user, "no privileged instruction of guest user leaves USR mode or does what it says")
{
    mmu_on();
    for (u32 n = 0; n != privileged_count; ++n) {
        u32 const word = privileged_table[n].word, may = privileged_table[n].may;
        u32 const kind = run_user(user_address(privileged_table[n].user), USER_DATA + 64, 0);
        if (may == IGNORED)
            CHECK(kind == SVC_USER, "%x gives trap %u", word, kind);
        if (may == UNDEFINED)
            CHECK(kind == UNDEFINED_USER, "%x gives trap %u", word, kind);
        if (may == PREFETCH)
            CHECK(kind == PREFETCH_USER && (trap.r[1] & 0xf) == 2, "%x gives trap %u, status %x", word, kind,
                  trap.r[1]);
        CHECK(kind >= SVC_USER && kind <= IRQ_USER, "%x gives trap %u", word, kind);
        still_deprivileged(word);
    }
}

TEST(mode_changes, "MOVS pc, SUBS pc and LDM ^ with pc do not leave USR mode")
{
    mmu_on();
    (void)probe(kernel_movs_pc, 0, 0);
    still_deprivileged(0xe1b0f00e);
    (void)probe(kernel_subs_pc, 0, 0);
    still_deprivileged(0xe25ef000);
    (void)probe(kernel_ldm_pc, 0, 0);
    still_deprivileged(0xe8fd8000);
    u32 const kind = run_user(user_address(user_movs_pc), 0, 0);
    CHECK(kind == SVC_USER || kind == UNDEFINED_USER, "MOVS pc of guest user gives trap %u", kind);
}

TEST(smc_and_hvc, "SMC and HVC of guest user are undefined instructions, not calls")
{
    mmu_on();
    u32 const ids[] = {PSCI_VERSION, SYSTEM_OFF, SYSTEM_RESET, VAMBRACE_CALL_UID, VAMBRACE_FUNCTION_BASE};
    for (u32 n = 0; n != 5; ++n) {
        equal(run_user(user_address(user_smc), ids[n], 0), UNDEFINED_USER, "SMC");
        equal(run_user(user_address(user_hvc), ids[n], 0), UNDEFINED_USER, "HVC");
        equal(trap.frame.r[0], ids[n], "r0");
    }
}

TEST(thumb, "Thumb's SVC is a hypercall to guest kernel; BKPT and CPS of guest user trap")
{
    mmu_on();
    equal(kernel_thumb_svc(PSCI_VERSION), 0x10000, "PSCI version from Thumb");
    equal(run_user(user_address(user_thumb_bkpt) | 1, 0, 0), PREFETCH_USER, "BKPT");
    equal(trap.r[1] & 0xf, 2, "fault status");
    equal(trap.r[0], trap.frame.pc, "BKPT's address");
    u32 const kind = run_user(user_address(user_thumb_undefined) | 1, 0, 0);
    CHECK(kind == UNDEFINED_USER || kind == SVC_USER, "CPS gives trap %u", kind);
}

TEST(random_words, "ten thousand random instructions of guest user end in a trap of guest user's")
{
    mmu_on();
    u32 *const page = (u32 *)SCRATCH;
    map_page(l1, 0x20100000, SCRATCH, aps(USER_WRITE), DOMAIN_USER);
    u32 random = 0xc0ffee;
    for (u32 n = 0; n != 10000; ++n) {
        u32 const word = next_random(&random);
        if ((word & 0x0e000000) == 0x0a000000) // a branch may be endless
            continue;
        for (u32 i = 0; i != 16; ++i)
            page[i] = 0xef000001; // svc #1
        page[1] = word;
        CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, page, 64);
        u32 const kind = run_user(0x20100004 | 0, next_random(&random), next_random(&random));
        CHECK(kind >= SVC_USER && kind <= DATA_USER, "%x gives trap %u", word, kind);
    }
}
