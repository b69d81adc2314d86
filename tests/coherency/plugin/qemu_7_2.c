/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU 7.2 from the inside, as Debian 12 builds it: the only file that knows its structures. The executable
 * exports its functions. What a register's description holds is taken over: CP15 operations that QEMU does
 * not perform reach the model in this way, with their operand.
 */
#define _GNU_SOURCE
#include "qemu.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Offsets in ARMCPU (target/arm/cpu.h), and of uncached_cpsr in CPUARMState. */
enum { CP_REGS = 0x3030, ENV = 0x1e70, UNCACHED_CPSR = 0x158 };

/* ARMCPRegInfo (target/arm/cpregs.h). */
struct register_info {
    char const *name;
    uint8_t cp, crn, crm, opc0, opc1, opc2;
    int state, type, access, secure;
    void *opaque;
    uint64_t reset_value;
    ptrdiff_t field, bank_fields[2];
    void *check;
    uint64_t (*read)(void *env, struct register_info const *);
    void (*write)(void *env, struct register_info const *, uint64_t);
};
enum { SPECIAL = 0xf, NOP = 1, CONST = 1 << 4, WIDE = 1 << 5, KEEPS_BLOCK = 1 << 6 };

static struct original {
    struct register_info *info, was;
    uint8_t crn, opc1, crm, opc2;
} originals[4096];
static unsigned original_count;
static uint16_t original_of[1 << 13];

static struct hooks hooks;
static uint8_t *cpu, *env, *ram;
static uint8_t operations[512]; /* a copy of TCGCPUOps */
static bool (*fill_tlb)(void *, uint64_t, int, int, int, bool, uintptr_t);

unsigned mode_now(void)
{
    uint32_t cpsr;

    memcpy(&cpsr, env + UNCACHED_CPSR, sizeof cpsr);
    return cpsr & 0x1f;
}

uint8_t *ram_of_qemu(void) { return ram; }

/* The filter of callbacks by load and store is off by one in 7.2, so both are registered: bit 17 is right. */
bool stores(mem_info info) { return info >> 17 & 1; }

/* The MMU index is in the low bits: 0 and 8 are the unprivileged regimes of EL1 (ARMMMUIdx_E10_0). */
bool as_user(mem_info info) { return !(info & 7); }

static unsigned hash(void const *info) { return (uint32_t)((uintptr_t)info >> 4) * 0x9e3779b1u >> 19; }

static struct original *original(struct register_info const *info)
{
    for (unsigned n = hash(info);; n = (n + 1) & ((1 << 13) - 1))
        if (!original_of[n] || originals[original_of[n] - 1].info == info)
            return original_of[n] ? &originals[original_of[n] - 1] : NULL;
}

static void on_write(void *state, struct register_info const *info, uint64_t value)
{
    struct original const *const o = original(info);

    if (o->was.write)
        o->was.write(state, info, value);
    else if (!(o->was.type & (SPECIAL | CONST)) && o->was.field)
        memcpy((uint8_t *)state + o->was.field, &value, 4);
    if (o->was.type & WIDE)
        hooks.cp15_range(o->crm, value >> 32, value);
    else
        hooks.cp15_written(o->crn, o->opc1, o->crm, o->opc2, value);
}

static uint64_t on_read(void *state, struct register_info const *info)
{
    struct original const *const o = original(info);

    (void)state;
    hooks.cp15_read(o->crn, o->opc1, o->crm, o->opc2);
    return o->was.reset_value;
}

static void take_over(struct register_info *info, unsigned crn, unsigned opc1, unsigned crm, unsigned opc2)
{
    bool const idle = (info->type & SPECIAL) == NOP || info->type & CONST;
    unsigned n;

    if (info->write == on_write || ((info->type & SPECIAL) && !idle) ||
        original_count == sizeof originals / sizeof *originals)
        return;
    if (crn != 7 && idle && !(info->type & WIDE))
        return; /* a constant that is read */
    originals[original_count] = (struct original) {info, *info, crn, opc1, crm, opc2};
    for (n = hash(info); original_of[n]; n = (n + 1) & ((1 << 13) - 1))
        ;
    original_of[n] = ++original_count;
    info->write = on_write;
    if (idle) {
        info->type = (info->type & ~(SPECIAL | CONST)) | KEEPS_BLOCK;
        info->read = on_read;
    }
}

static void take_over_all(void *table, struct register_info *(*get)(void *, uint32_t))
{
    static uint8_t const rows[] = {1, 2, 3, 7, 8, 10, 13};

    for (unsigned n = 0; n < sizeof rows; n++)
        for (uint32_t key = 0; key < 1 << 11; key++) { /* secure or not, CRm, opc1, opc2 */
            unsigned const crm = key >> 6 & 15, opc1 = key >> 3 & 7, opc2 = key & 7;
            struct register_info *const info =
                get(table, (key >> 10) << 29 | 15 << 16 | rows[n] << 11 | crm << 7 | opc1 << 3 | opc2);

            /* Other encodings of a control register are its aliases here, thousands of them. */
            if (info && (rows[n] == 7 || rows[n] == 8 || (opc1 == 0 && crm == (rows[n] == 10 ? 2 : 0))))
                take_over(info, rows[n], opc1, crm, opc2);
        }
    for (uint32_t key = 0; key < 1 << 5; key++) { /* operations of two registers: a range of addresses */
        struct register_info *const info =
            get(table, (key >> 4) << 29 | 15 << 16 | 1 << 15 | (key & 15) << 7);

        if (info && (info->type & SPECIAL) == NOP)
            take_over(info, 0, 0, key & 15, 0);
    }
}

static bool on_tlb_miss(void *state, uint64_t va, int size, int access_type, int index, bool probe,
                        uintptr_t caller)
{
    if (!probe)
        hooks.tlb_missed(va, access_type, !(index & 7));
    return fill_tlb(state, va, size, access_type, index, probe, caller);
}

/* Whether our own memory can be read there. */
static bool readable(void const *at, void *to, size_t size)
{
    struct iovec const here = {to, size}, there = {(void *)(uintptr_t)at, size};

    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* CPUClass has a pointer to its TCGCPUOps, which names arm_cpu_tlb_fill: a copy names ours. */
static bool take_over_misses(uint8_t *class)
{
    for (size_t at = 0; at != 0x400; at += sizeof(void *)) {
        uint8_t *candidate;

        if (!readable(class + at, &candidate, sizeof candidate) ||
            !readable(candidate, operations, sizeof operations))
            continue;
        for (size_t field = 0; field != sizeof operations; field += sizeof(void *))
            if (!memcmp(operations + field, &fill_tlb, sizeof fill_tlb)) {
                bool (*const ours)(void *, uint64_t, int, int, int, bool, uintptr_t) = on_tlb_miss;
                void *const copy = operations;

                memcpy(operations + field, &ours, sizeof ours);
                memcpy(class + at, &copy, sizeof copy);
                return true;
            }
    }
    return false;
}

static bool is_known(struct register_info *(*get)(void *, uint32_t), uint32_t (*read_cpsr)(void *),
                     void **table)
{
    struct register_info dacr;
    uint64_t probe[2];
    char name[4];

    if (!readable(cpu + CP_REGS, table, sizeof *table) || !readable(*table, probe, sizeof probe))
        return false;
    if (!readable(get(*table, 15 << 16 | 3 << 11), &dacr, sizeof dacr) ||
        !readable(dacr.name, name, sizeof name) || memcmp(name, "DACR", 4))
        return false;
    return dacr.cp == 15 && dacr.crn == 3 && dacr.write && dacr.field &&
           (read_cpsr(env) & 0x1f) == mode_now();
}

char const *hook_qemu(struct hooks const *given, uint32_t ram_base, uint32_t ram_size)
{
    struct register_info *(*const get)(void *, uint32_t) = dlsym(NULL, "get_arm_cp_reginfo");
    void *(*const get_cpu)(int) = dlsym(NULL, "qemu_get_cpu");
    void *(*const get_class)(void *) = dlsym(NULL, "object_get_class");
    uint32_t (*const read_cpsr)(void *) = dlsym(NULL, "cpsr_read");
    uint8_t *(*const map)(uint64_t, uint64_t *, bool) = dlsym(NULL, "cpu_physical_memory_map");
    uint64_t size = ram_size;
    void *table;

    fill_tlb = dlsym(NULL, "arm_cpu_tlb_fill");
    if (!get || !get_cpu || !get_class || !read_cpsr || !map || !fill_tlb)
        return "it does not export what is needed";
    hooks = *given;
    cpu = get_cpu(0);
    env = cpu + ENV;
    if (!is_known(get, read_cpsr, &table))
        return "its structures are not those of Debian 12's QEMU 7.2";
    ram = map(ram_base, &size, true);
    if (!ram || size != ram_size)
        return "RAM is not where the board's description has it";
    if (!take_over_misses(get_class(cpu)))
        return "the core's operations were not found";
    take_over_all(table, get);
    return NULL;
}
