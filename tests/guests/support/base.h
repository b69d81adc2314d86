// SPDX-License-Identifier: Apache-2.0
// What test guests of every kind are written with: console, checks, the machine's addresses.
#ifndef BASE_H
#define BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vambrace/abi.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;

/* --- the core that this guest is built for
 * ------------------------------------------------------------------------ */

enum {
    ARMV5 = 1,
    ARMV6 = 2, // without ARMv6K: it has to run on every ARM1136
    ARMV7 = 4,
    ARCH = __ARM_ARCH == 5   ? ARMV5
           : __ARM_ARCH == 6 ? ARMV6
                             : ARMV7,
    PAGE_0_RESERVED = LOW_VECTORS,            // the hypervisor's exception vectors are there
    DFSR_WRITE = ARCH == ARMV5 ? 0 : 1 << 11, // DDI 0406C B4.1.52
};

/// The guest runs on the bare core, on native/ and not on the hypervisor.
extern bool native;

/* --- the guest's memory: 16 MB
 * ------------------------------------------------------------------------------- */

enum {
    RAM = VAMBRACE_RAM_IPA,
    RAM_SIZE = 16 << 20,
    RAM_END = RAM + RAM_SIZE,
    SCRATCH = RAM + (8 << 20), // to RAM_END: nothing of the guest's own
    LINEAR_VA = 0xc0000000,
    MB = 1 << 20,
    PAGE = 4096,
};

/* --- console
 * --------------------------------------------------------------------------------------------------- */

void put(char c);
void print(char const *format, ...); // %s %c %u %d %x %%

static inline u32 volatile *uart(u32 offset) { return (u32 volatile *)(VAMBRACE_PL011_IPA + offset); }

#define CP15_READ(crn, crm, opc2)                                                                            \
    ({                                                                                                       \
        u32 value_;                                                                                          \
        __asm__ volatile("mrc p15, 0, %0, c" #crn ", c" #crm ", " #opc2 : "=r"(value_)::"memory");           \
        value_;                                                                                              \
    })
#define CP15_WRITE(crn, crm, opc2, value)                                                                    \
    __asm__ volatile("mcr p15, 0, %0, c" #crn ", c" #crm ", " #opc2 ::"r"(value) : "memory")

enum {
    PSCI_VERSION = 0x84000000,
    SYSTEM_OFF = 0x84000008,
    SYSTEM_RESET = 0x84000009,
    PSCI_FEATURES = 0x8400000a
};

typedef void operation(u32 address, u32 value);

/// Makes traps come to support/. guest_main() does it.
void set_vectors(void);
_Noreturn void power_off(void);

/* --- checks
 * ------------------------------------------------------------------------------------------------------ */

struct test {
    char const *name;
    void (*run)(void);
    u32 arches;
};

/// A promise. The runner reads the names out of the source: each on one line with its TEST.
#define TEST(id, what) TEST_ON(ARMV5 | ARMV6 | ARMV7, id, what)
/// The same for some architectures only; with NOT_NATIVE, only on the hypervisor.
enum { NOT_NATIVE = 8 };
#define TEST_ON(arches, id, what)                                                                            \
    static void id(void);                                                                                    \
    static struct test const id##_entry __attribute__((section(".tests"), used)) = {what, id, arches};       \
    static void id(void)

/// All of them. guest_main() does it.
void run_tests(void);
/// Says why the running test has failed; the first reason counts.
void fail(char const *format, ...);
bool failed(void);
#define CHECK(condition, ...)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fail(__VA_ARGS__);                                                                               \
            return;                                                                                          \
        }                                                                                                    \
    } while (0)
void equal(u32 actual, u32 expected, char const *what);

static inline u32 next_random(u32 *state)
{
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

#endif
