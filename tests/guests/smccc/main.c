// SPDX-License-Identifier: Apache-2.0
// The standard calls: SMCCC's general queries and PSCI, by SVC, HVC and SMC; and identifiers that are no
// call.
#include "guest.h"

#define CONDUIT(name, instruction)                                                                           \
    static struct answer name(u32 id, u32 a1, u32 a2, u32 a3)                                                \
    {                                                                                                        \
        register u32 r0 __asm__("r0") = id;                                                                  \
        register u32 r1 __asm__("r1") = a1;                                                                  \
        register u32 r2 __asm__("r2") = a2;                                                                  \
        register u32 r3 __asm__("r3") = a3;                                                                  \
        __asm__ volatile(instruction : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory", "cc");              \
        return (struct answer) {r0, r1, r2, r3};                                                             \
    }
CONDUIT(by_svc, "svc #0")
CONDUIT(by_svc_immediate, "svc #0xabcdef")
CONDUIT(by_hvc, ".word 0xe1400070")
CONDUIT(by_hvc_immediate, ".word 0xe14abc7d")
CONDUIT(by_smc, ".word 0xe1600070")

typedef struct answer conduit(u32, u32, u32, u32);
static conduit *const conduits[] = {by_svc, by_svc_immediate, by_hvc, by_hvc_immediate, by_smc};
#define FOR_EACH_CONDUIT(c)                                                                                  \
    for (u32 c##_ = 0; c##_ != 5; ++c##_)                                                                    \
        for (conduit *c = conduits[c##_]; c; c = NULL)

TEST(uid, "the UID is the one in abi.h, by every conduit")
{
    FOR_EACH_CONDUIT(call)
    {
        struct answer const a = call(VAMBRACE_CALL_UID, 0, 0, 0);
        equal(a.r0, VAMBRACE_UID_0, "r0");
        equal(a.r1, VAMBRACE_UID_1, "r1");
        equal(a.r2, VAMBRACE_UID_2, "r2");
        equal(a.r3, VAMBRACE_UID_3, "r3");
    }
}

TEST(count, "the call count is that of hypercalls.def")
{
    FOR_EACH_CONDUIT(call)
    equal(call(VAMBRACE_CALL_COUNT, 0, 0, 0).r0, VAMBRACE_NR_CALLS, "call count");
}

TEST(revision, "the revision is the headers' own")
{
    FOR_EACH_CONDUIT(call)
    {
        struct answer const a = call(VAMBRACE_REVISION, 9, 0, 0);
        equal(a.r0, VAMBRACE_ABI_VERSION, "major");
        equal(a.r1, VAMBRACE_ABI_MINOR, "minor");
    }
}

TEST(psci_version, "PSCI is version 1.0")
{
    FOR_EACH_CONDUIT(call)
    equal(call(PSCI_VERSION, 0, 0, 0).r0, 0x10000, "PSCI version");
}

TEST(psci_features, "PSCI_FEATURES knows its own calls and no other")
{
    FOR_EACH_CONDUIT(call)
    {
        u32 const known[] = {PSCI_VERSION, SYSTEM_OFF, SYSTEM_RESET, PSCI_FEATURES};
        for (u32 n = 0; n != 4; ++n)
            equal(call(PSCI_FEATURES, known[n], 0, 0).r0, 0, "a known call");
        u32 const unknown[] = {0x84000001, 0x84000003, 0xc4000003, 0, 0xffffffff, 0x84000009 + 0x100};
        for (u32 n = 0; n != 6; ++n)
            equal(call(PSCI_FEATURES, unknown[n], 0, 0).r0, (u32)VAMBRACE_NOT_SUPPORTED, "an unknown call");
    }
}

TEST(unknown, "identifiers that are no call are NOT_SUPPORTED and change no other register")
{
    u32 const ids[] = {0,          1,          0xffffffff,
                       0x80000000, 0x85ffffff, VAMBRACE_FUNCTION_BASE + VAMBRACE_NR_CALLS,
                       0x8600fefe, 0x8600ff02, 0x8600ff04,
                       0x8600ffff, 0x86010000, 0xc6000001,
                       0x06000001, 0x84000001, 0x8400000b,
                       0xc4000008, 0x123456};
    FOR_EACH_CONDUIT(call)
    {
        for (u32 n = 0; n != sizeof ids / sizeof ids[0]; ++n) {
            struct answer const a = call(ids[n], 0x11, 0x22, 0x33);
            equal(a.r0, (u32)VAMBRACE_NOT_SUPPORTED, "r0");
            equal(a.r1, 0x11, "r1");
            equal(a.r2, 0x22, "r2");
            equal(a.r3, 0x33, "r3");
        }
    }
}

TEST(mmu_on_too, "the conduits work with the MMU on")
{
    mmu_on();
    FOR_EACH_CONDUIT(call)
    equal(call(PSCI_VERSION, 0, 0, 0).r0, 0x10000, "PSCI version");
}

TEST(conditional, "SMC with a condition that fails does nothing")
{
    register u32 r0 __asm__("r0") = PSCI_VERSION;
    __asm__ volatile("cmp r0, r0\n .word 0x11600070" : "+r"(r0)::"cc"); // SMCNE
    equal(r0, PSCI_VERSION, "r0");
}

TEST(other_registers, "a hypercall keeps r4 to r12 and the flags")
{
    u32 wrong = 0, flags;
    __asm__ volatile(
        "mov r4, #4\n mov r5, #5\n mov r6, #6\n mov r7, #7\n mov r8, #8\n mov r9, #9\n mov r10, #10\n"
        "mov r12, #12\n msr cpsr_f, #0x90000000\n ldr r0, =0x8600000d\n svc #0\n mrs %1, cpsr\n"
        "cmp r4, #4\n cmpeq r5, #5\n cmpeq r6, #6\n cmpeq r7, #7\n cmpeq r8, #8\n cmpeq r9, #9\n"
        "cmpeq r10, #10\n cmpeq r12, #12\n movne %0, #1\n"
        : "+r"(wrong), "=r"(flags)::"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r12",
          "cc", "memory");
    equal(wrong, 0, "a register changed");
    equal(flags & 0xf0000000, 0x90000000, "flags");
}
