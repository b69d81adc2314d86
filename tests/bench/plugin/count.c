/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A QEMU plugin that counts executed instructions by address and writes,
 * for every measured part of the benchmark (marker.h), which ran how
 * often; and how many had run at each character that the board's UART got.
 *
 *   out=FILE        the results, as text:
 *     guest I                        I instructions ran before the first one of a guest
 *     start KIND I                   KIND measured or baseline: a part begins after I instructions
 *     part KIND I USER OTHER E L     it ends; instructions in
 *     user mode and elsewhere; E events (MARK_EVENT) came, all
 *                                    together L instructions after their interrupts; then:
 *     ADDRESS COUNT                  ... for every address of the kernel and the hypervisor that ran
 *     end
 *     uart N I H                     at the N-th character,
 *     I instructions had run, H of them the hypervisor's
 *   hypervisor=BASE the hypervisor's image lies here, and its vectors at address 0; without it there is none
 *   irq=ADDRESS     of the vector that interrupts take; without it the high one
 *   whole=N         also write a part of KIND whole: from power-on to character N; and
 *                   with a hypervisor one of KIND boot: to the first instruction of a guest
 *   uart=ADDRESS    of the UART's data register; without it characters are not watched
 *
 * The interface is declared here because QEMU's package
 * carries no header for it (version 1, QEMU 4.2 and later).
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
typedef struct qemu_info_t qemu_info_t;
typedef uint32_t mem_info;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void const *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int,
                                                   void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                             void (*)(unsigned, mem_info, uint64_t, void *), int, int,
                                             void *);
extern struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(mem_info, uint64_t);
extern uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *);

enum { ADD_U64 = 0, NO_REGISTERS = 0, STORES = 2 };

PUBLIC int qemu_plugin_version = 1;

/* Regions whose instructions are counted one by one; the rest is user mode below `kernel_base`, or other. */
enum { VECTORS, IMAGE, KERNEL, HIGH_VECTORS, REGIONS };

static struct region {
    uint32_t base, size;
    uint64_t *now, *then;
} regions[REGIONS] = {
    [VECTORS] = {.base = 0, .size = 0x1000},
    [IMAGE] = {.size = 0x100000},
    [KERNEL] = {.base = 0xc0000000, .size = 0x1000000},
    [HIGH_VECTORS] = {.base = 0xffff0000, .size = 0x2000},
};
#define GUEST_RAM 0x40000000u
#define GUEST_RAM_END 0x80000000u
#define KERNEL_SPACE 0xbf000000u

static uint64_t user, user_then, other, other_then;
static uint64_t total, own; /* all instructions, and the hypervisor's (with a hypervisor only) */
static bool with_hypervisor, image_seen, guest_seen; /* the image is seen when it runs where it is linked */
static uint32_t uart, irq_vector = 0xffff0018;
static uint64_t characters, whole = UINT64_MAX;
static uint64_t woken, events, event_sum; /* `woken`: total at the last interrupt, or at the wait before it */
static bool waiting;
static FILE *out;

static uint64_t *counter_of(uint32_t address)
{
    for (int i = with_hypervisor ? VECTORS : KERNEL; i < REGIONS; i++)
        if (address - regions[i].base < regions[i].size)
            return &regions[i].now[(address - regions[i].base) / 4];
    return address >= KERNEL_SPACE ? &other : &user;
}

static void remember(void)
{
    for (int i = 0; i < REGIONS; i++)
        if (regions[i].now)
            memcpy(regions[i].then, regions[i].now, regions[i].size / 4 * sizeof(uint64_t));
    user_then = user;
    other_then = other;
    events = event_sum = 0;
    waiting = false;
}

static void report(char const *kind)
{
    fprintf(out, "part %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", kind, total,
            user - user_then, other - other_then, events, event_sum);
    for (int i = 0; i < REGIONS; i++)
        for (uint32_t word = 0; regions[i].now && word < regions[i].size / 4; word++)
            if (regions[i].now[word] != regions[i].then[word])
                fprintf(out, "%" PRIx32 " %" PRIu64 "\n", regions[i].base + word * 4,
                        regions[i].now[word] - regions[i].then[word]);
    fputs("end\n", out);
    fflush(out);
}

static void start(unsigned cpu, void *kind)
{
    (void)cpu;
    fprintf(out, "start %s %" PRIu64 "\n", (char const *)kind, total);
    remember();
}

static void stop(unsigned cpu, void *kind)
{
    (void)cpu;
    report(kind);
}

/* An interrupt that ends a wait counts from the wait on: it may be taken without its vector. */
static void interrupted(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    if (!waiting)
        woken = total;
    waiting = false;
}

static void wait(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    woken = total;
    waiting = true;
}

static void happened(unsigned cpu, void *data)
{
    (void)cpu, (void)data;
    events++;
    event_sum += total - woken;
    waiting = false;
}

static void stored(unsigned cpu, mem_info info, uint64_t address, void *data)
{
    struct qemu_plugin_hwaddr *where;

    (void)cpu, (void)data;
    if ((address ^ uart) & 0xfff)
        return;
    where = qemu_plugin_get_hwaddr(info, address);
    if (!where || qemu_plugin_hwaddr_phys_addr(where) != uart)
        return;
    fprintf(out, "uart %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", characters, total, own);
    fflush(out);
    if (characters++ == whole)
        report("whole");
}

/* Calls `callback` before the instruction. */
static void watch(struct qemu_plugin_insn *instruction, void (*callback)(unsigned, void *), char const *kind)
{
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, callback, NO_REGISTERS, (void *)kind);
}

static void watch_special(struct qemu_plugin_insn *instruction, uint32_t address)
{
    uint32_t word = 0;

    if (qemu_plugin_insn_size(instruction) == 4)
        memcpy(&word, qemu_plugin_insn_data(instruction), 4);
    if (word == 0xe33d00a1)
        watch(instruction, start, "measured");
    else if (word == 0xe33d00a2)
        watch(instruction, stop, "measured");
    else if (word == 0xe33d00a3)
        watch(instruction, start, "baseline");
    else if (word == 0xe33d00a4)
        watch(instruction, stop, "baseline");
    else if (word == 0xe33d00a5)
        watch(instruction, happened, NULL);
    else if ((word & 0xffff0fff) == 0xee070f90 || word == 0xe320f003) /* MCR p15, 0, Rd, c7, c0, 4; WFI */
        watch(instruction, wait, NULL);
    if (address == irq_vector)
        watch(instruction, interrupted, NULL);
}

static bool of_hypervisor(uint32_t address)
{
    return !guest_seen || address < regions[VECTORS].size ||
           address - regions[IMAGE].base < regions[IMAGE].size;
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *const instruction = qemu_plugin_tb_get_insn(block, i);
        uint32_t const address = qemu_plugin_insn_vaddr(instruction);

        if (address - regions[IMAGE].base < regions[IMAGE].size)
            image_seen = true;
        if (with_hypervisor && image_seen && !guest_seen && address - GUEST_RAM < GUEST_RAM_END - GUEST_RAM) {
            guest_seen = true;
            fprintf(out, "guest %" PRIu64 "\n", total);
            if (whole != UINT64_MAX)
                report("boot");
        }
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, counter_of(address), 1);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &total, 1);
        if (with_hypervisor && of_hypervisor(address))
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &own, 1);
        if (uart)
            qemu_plugin_register_vcpu_mem_cb(instruction, stored, NO_REGISTERS, STORES, NULL);
        watch_special(instruction, address);
    }
}

static bool parse(char const *argument)
{
    if (!strncmp(argument, "out=", 4)) {
        out = fopen(argument + 4, "w");
        return out != NULL;
    }
    if (!strncmp(argument, "hypervisor=", 11)) {
        regions[IMAGE].base = strtoul(argument + 11, NULL, 0);
        with_hypervisor = true;
        return true;
    }
    if (!strncmp(argument, "irq=", 4)) {
        irq_vector = strtoul(argument + 4, NULL, 0);
        return true;
    }
    if (!strncmp(argument, "uart=", 5)) {
        uart = strtoul(argument + 5, NULL, 0);
        return true;
    }
    if (!strncmp(argument, "whole=", 6)) {
        whole = strtoull(argument + 6, NULL, 0);
        return true;
    }
    return false;
}

PUBLIC int qemu_plugin_install(plugin_id id, qemu_info_t const *info, int count, char **arguments)
{
    (void)info;
    for (int i = 0; i < count; i++) {
        if (!parse(arguments[i])) {
            fprintf(stderr, "count: cannot use '%s'\n", arguments[i]);
            return 1;
        }
    }
    if (!out) {
        fputs("count: say where to: out=FILE\n", stderr);
        return 1;
    }
    for (int i = with_hypervisor ? VECTORS : KERNEL; i < REGIONS; i++) {
        regions[i].now = calloc(regions[i].size / 4, sizeof(uint64_t));
        regions[i].then = calloc(regions[i].size / 4, sizeof(uint64_t));
        if (!regions[i].now || !regions[i].then)
            return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
