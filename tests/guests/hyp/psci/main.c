// SPDX-License-Identifier: Apache-2.0
// PSCI (ARM DEN 0022), the SMC Calling Convention's queries and Vambrace's own calls, by HVC and by SMC.
#include "hyp.h"

enum { NOT_SUPPORTED = -1, INVALID_PARAMETERS = -2, ALREADY_ON = -4, MIGRATION_NOT_REQUIRED = 2 };
typedef struct words conduit(u32 id, u32 a, u32 b, u32 c);
static conduit *const conduits[] = {hvc, smc};

#define BY_BOTH for (u32 by = 0; by != 2; ++by)
static u32 ask(u32 by, u32 id, u32 a, u32 b) { return conduits[by](id, a, b, 0).r[0]; }

TEST(versions, "PSCI is 1.0, the calling convention 1.1")
{
    BY_BOTH
    {
        equal(ask(by, PSCI_VERSION, 0, 0), 0x10000, "PSCI_VERSION");
        equal(ask(by, SMCCC_VERSION, 0, 0), 0x10001, "SMCCC_VERSION");
    }
}

TEST(features, "PSCI_FEATURES and SMCCC_ARCH_FEATURES know exactly the functions that there are")
{
    static u32 const there[] = {PSCI_VERSION,       PSCI_CPU_SUSPEND,  PSCI_CPU_OFF,  PSCI_CPU_ON,
                                PSCI_AFFINITY_INFO, PSCI_MIGRATE_TYPE, SYSTEM_OFF,    SYSTEM_RESET,
                                PSCI_FEATURES,      SMCCC_VERSION,     SMCCC_FEATURES};
    BY_BOTH for (u32 n = 0; n != 64; ++n)
    {
        u32 const id = (n & 32 ? 0x80000000 : 0x84000000) | (n & 31);
        bool known = false;
        for (u32 m = 0; m != sizeof there / sizeof *there; ++m)
            known |= there[m] == id;
        equal(ask(by, PSCI_FEATURES, id, 0), known ? 0 : NOT_SUPPORTED, "PSCI_FEATURES");
        equal(ask(by, SMCCC_FEATURES, id, 0), known ? 0 : NOT_SUPPORTED, "SMCCC_ARCH_FEATURES");
    }
}

TEST(affinity, "AFFINITY_INFO: this processor is on, and there is no other")
{
    BY_BOTH
    {
        equal(ask(by, PSCI_AFFINITY_INFO, 0, 0), 0, "AFFINITY_INFO of the own");
        equal(ask(by, PSCI_AFFINITY_INFO, 1, 0), INVALID_PARAMETERS, "of another one");
        equal(ask(by, PSCI_AFFINITY_INFO, 0x100, 0), INVALID_PARAMETERS, "of another cluster");
        equal(ask(by, PSCI_AFFINITY_INFO, 0, 5), INVALID_PARAMETERS, "of a level that is not there");
        equal(ask(by, PSCI_MIGRATE_TYPE, 0, 0), MIGRATION_NOT_REQUIRED, "MIGRATE_INFO_TYPE");
    }
    equal(MRC(0, 0, 0, 5), 0x80000000, "MPIDR");
}

TEST(cpu_on, "CPU_ON: this processor is on already, and there is no other")
{
    static u32 const others[] = {1, 2, 3, 0x100, 0x80000000, 0xff000000, ~0u};
    BY_BOTH
    {
        equal(ask(by, PSCI_CPU_ON, 0, RAM), ALREADY_ON, "CPU_ON of the own");
        equal(ask(by, PSCI_CPU_ON, 0, 3), ALREADY_ON, "CPU_ON of the own at no address");
        for (u32 n = 0; n != sizeof others / sizeof *others; ++n)
            equal(ask(by, PSCI_CPU_ON, others[n], RAM), INVALID_PARAMETERS, "CPU_ON of another");
    }
}

TEST(unknown, "functions that are not there are NOT_SUPPORTED: other widths, services and numbers")
{
    static u32 const ids[] = {0x84000005, 0x84000007, 0x8400000b, 0x84000012, 0x8400001f, 0xc4000001,
                              0xc4000003, 0xc4000004, 0x80000002, 0x80008000, 0x81000000, 0x82000000,
                              0x83000000, 0x85000000, 0xb2000000, 0xbf000000, 0x04000000, 0,
                              ~0u,        0x8600ff02, 0x86000fff};
    BY_BOTH for (u32 n = 0; n != sizeof ids / sizeof *ids; ++n)
        equal(ask(by, ids[n], RAM, RAM), NOT_SUPPORTED, "an unknown function");
}

TEST(own, "Vambrace's UID, revision, number of calls, YIELD and ports are there, other calls are not")
{
    BY_BOTH
    {
        struct words const uid = conduits[by](VAMBRACE_CALL_UID, 0, 0, 0);
        equal(uid.r[0], VAMBRACE_UID_0, "UID");
        equal(uid.r[1], VAMBRACE_UID_1, "UID");
        equal(uid.r[2], VAMBRACE_UID_2, "UID");
        equal(uid.r[3], VAMBRACE_UID_3, "UID");
        equal(ask(by, VAMBRACE_REVISION, 0, 0), VAMBRACE_ABI_VERSION, "revision");
        equal(ask(by, VAMBRACE_CALL_COUNT, 0, 0), VAMBRACE_NR_CALLS, "number of calls");
        equal(ask(by, VAMBRACE_FUNCTION(YIELD), 0, 0), VAMBRACE_SUCCESS, "YIELD");
        for (u32 n = 0; n != VAMBRACE_NR_CALLS + 4; ++n)
            if (n != VAMBRACE_NR_YIELD && (n < VAMBRACE_NR_EVENT_SEND || n > VAMBRACE_NR_EVENT_TAKE))
                equal(ask(by, VAMBRACE_FUNCTION_BASE + n, RAM, RAM), NOT_SUPPORTED, "another call");
    }
}

TEST(registers, "a call leaves the registers that it does not return in")
{
    BY_BOTH
    {
        struct words w = {{PSCI_VERSION, 0x11, 0x22, 0x33, 0x44, 0x55}};
        if (by)
            smc_words(w.r);
        else
            hvc_words(w.r);
        for (u32 n = 1; n != 6; ++n)
            equal(w.r[n], n * 0x11, "r1 to r5");
    }
}

#define CALL_WITH(immediate)                                                                                 \
    ({                                                                                                       \
        register u32 id __asm__("r0") = PSCI_VERSION;                                                        \
        __asm__ volatile(".arch_extension virt\n hvc #" #immediate : "+r"(id)::"r1", "r2", "r3", "memory");  \
        id;                                                                                                  \
    })

TEST(immediates, "HVC means the same whatever its immediate is")
{
    equal(CALL_WITH(1), 0x10000, "PSCI_VERSION by HVC #1");
    equal(CALL_WITH(0xea1), 0x10000, "PSCI_VERSION by HVC #0xea1");
    equal(CALL_WITH(0xffff), 0x10000, "PSCI_VERSION by HVC #0xffff");
}

static u32 user_hvc(u32 a, u32 b) { return hvc(a, b, 0, 0).r[0]; }
static u32 user_smc(u32 a, u32 b) { return smc(a, b, 0, 0).r[0]; }

TEST(user, "HVC and SMC are undefined in user mode")
{
    catch_traps();
    call_user(user_hvc, SYSTEM_OFF, 0);
    equal(trap.kind, UNDEFINED, "kind of trap by HVC");
    trap.kind = NO_TRAP;
    call_user(user_smc, SYSTEM_OFF, 0);
    release_traps();
    equal(trap.kind, UNDEFINED, "kind of trap by SMC");
}

static u32 thumb_calls(void)
{
    u32 result;
    __asm__ volatile(".syntax unified\n .arch_extension virt\n .arch_extension sec\n"
                     "adr r3, 1f + 1\n bx r3\n .thumb\n .balign 4\n"
                     "1: mov r0, %1\n hvc #0\n mov r4, r0\n"
                     "mov r0, %1\n smc #0\n mov r5, r0\n"
                     "cmp r0, r0\n it ne\n smcne #0\n" // not executed
                     "bx pc\n nop\n .arm\n add %0, r4, r5\n"
                     : "=r"(result)
                     : "r"(PSCI_VERSION)
                     : "r0", "r1", "r2", "r3", "r4", "r5", "cc", "memory");
    return result;
}

/// The last one ends the guest, as CPU_OFF of the last processor does.
void guest_main(void)
{
    set_vectors();
    run_tests();
    smc(PSCI_CPU_OFF, 0, 0, 0);
    print("FAIL unexpected trap: CPU_OFF has returned\n");
}

TEST(thumb, "HVC and SMC are the same in Thumb state") { equal(thumb_calls(), 0x20000, "both versions"); }
