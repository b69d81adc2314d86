/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The QEMU plugin of the coherency checker: tells the model (model.h) what the core does, and writes its
 * reports.
 *
 *   core=NAME             one of cores.c
 *   ram=BASE:SIZE         the board's RAM
 *   out=FILE              what each RULE says; reports, one a line; at the end SITE lines, and END
 *   strict=1              nothing old may be left when user mode is entered
 *   without=ADDRESS       the operations of that instruction are kept from the model; may be given often
 */
#include "model.h"
#include "qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

PUBLIC int qemu_plugin_version = 1;

static struct core const *core;
static u32 ram_base, ram_size;
static bool strict, hooked;
static FILE *out;

/* Instructions that are maintenance, how often each ran, and whether the model is to hear of it. */
static struct site {
    u32 pc;
    bool used, without;
    u64 count;
} sites[4096];

static void say(char const *line)
{
    fprintf(out, "%s\n", line);
    fflush(out);
}

static struct site *site_of(u32 pc)
{
    unsigned n = (pc >> 2) & 4095;

    while (sites[n].used && sites[n].pc != pc)
        n = (n + 1) & 4095;
    sites[n].pc = pc;
    sites[n].used = true;
    return &sites[n];
}

/* Counts the instruction; whether the model hears of it. */
static bool at_site(void)
{
    struct site *const site = site_of(machine.pc);

    site->count++;
    return !site->without;
}

static void written(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2, uint32_t value)
{
    bool const maintenance = crn == 7 || crn == 8;

    if (!maintenance || at_site())
        model_cp15_write(crn, opc1, crm, opc2, value);
}

static void range(unsigned crm, uint32_t start, uint32_t end)
{
    if (at_site())
        model_cp15_range(crm, start, end);
}

static void read(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2)
{
    if (crn == 7 && opc2 == 3 && at_site())
        model_cp15_read(crn, opc1, crm, opc2);
}

/* Exceptions and returns from them show in the mode, before the next fetch. */
static void follow_mode(void)
{
    bool const user = mode_now() == 0x10;

    if (user && !machine.user)
        model_user_entered();
    else if (!user && machine.user)
        model_exception_taken();
}

static void missed(uint32_t va, int type, bool user)
{
    struct access const access = {
        .va = va, .pc = machine.pc, .size = 1, .write = type == 1, .fetch = type == 2, .user = user};

    if (type == 2)
        follow_mode();
    model_fault(&access);
}

static void accessed(unsigned cpu, mem_info info, uint64_t va, void *pc)
{
    struct access const access = {.va = va,
                                  .pc = (uintptr_t)pc,
                                  .size = 1 << qemu_plugin_mem_size_shift(info),
                                  .write = stores(info),
                                  .user = as_user(info)};

    if (!cpu)
        model_data(&access);
}

static void at_coprocessor(unsigned cpu, void *pc)
{
    if (!cpu)
        machine.pc = (uintptr_t)pc;
}

enum { IS_DSB = 1, IS_ISB = 2 };

static void at_barrier(unsigned cpu, void *where)
{
    if (cpu)
        return;
    machine.pc = (uintptr_t)where & ~3u;
    if (at_site())
        model_barrier((uintptr_t)where & IS_DSB, (uintptr_t)where & IS_ISB);
}

static void begun(unsigned cpu, void *block)
{
    if (cpu)
        return;
    machine.pc = (uintptr_t)block;
    follow_mode();
    model_fetch((uintptr_t)block, (u64)(uintptr_t)block >> 32, machine.user);
}

static void watch(struct qemu_plugin_insn *instruction, u32 address)
{
    u32 word = 0;

    qemu_plugin_register_vcpu_mem_cb(instruction, accessed, NO_REGISTERS, LOADS_AND_STORES,
                                     (void *)(uintptr_t)address);
    if (qemu_plugin_insn_size(instruction) != 4)
        return;
    memcpy(&word, qemu_plugin_insn_data(instruction), 4);
    if ((word & 0x0f000f10) == 0x0e000f10 || (word & 0x0ff00f00) == 0x0c400f00) /* MCR, MRC, MCRR of p15 */
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_coprocessor, NO_REGISTERS,
                                               (void *)(uintptr_t)address);
    if ((word & 0xfffffff0) == 0xf57ff040 || (word & 0xfffffff0) == 0xf57ff060)
        qemu_plugin_register_vcpu_insn_exec_cb(
            instruction, at_barrier, NO_REGISTERS,
            (void *)(uintptr_t)(address | ((word & 0xf0) == 0x40 ? IS_DSB : IS_ISB)));
}

static void hook(void)
{
    static struct hooks const hooks = {written, range, read, missed};
    char const *const problem = hook_qemu(&hooks, ram_base, ram_size);

    if (problem) {
        fprintf(out, "REFUSED %s\n", problem);
        fprintf(stderr, "coherency: this QEMU cannot be used: %s\n", problem);
        fclose(out);
        _Exit(1);
    }
    model_start(core, ram_of_qemu(), ram_base, ram_size, say);
    machine.strict = strict;
    hooked = true;
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    size_t const count = qemu_plugin_tb_n_insns(block);
    struct qemu_plugin_insn *const last = qemu_plugin_tb_get_insn(block, count - 1);
    u32 const first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(block, 0));
    u64 const size = (u32)qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last) - first;

    (void)id;
    if (!hooked)
        hook();
    for (size_t n = 0; n < count; n++) {
        struct qemu_plugin_insn *const instruction = qemu_plugin_tb_get_insn(block, n);

        watch(instruction, qemu_plugin_insn_vaddr(instruction));
    }
    qemu_plugin_register_vcpu_tb_exec_cb(block, begun, NO_REGISTERS, (void *)(uintptr_t)(size << 32 | first));
}

static void ended(plugin_id id, void *data)
{
    u64 all = 0;

    (void)id, (void)data;
    for (unsigned n = 0; n < sizeof sites / sizeof *sites; n++)
        if (sites[n].count)
            fprintf(out, "SITE pc=%08x count=%" PRIu64 "\n", sites[n].pc, sites[n].count);
    for (int rule = 0; rule < RULES; rule++)
        all += reports_by_rule[rule];
    fprintf(out, "END met=%" PRIu64 "\n", all);
    fclose(out);
}

static bool parse(char const *argument)
{
    char *rest;

    if (!strncmp(argument, "core=", 5))
        return (core = core_named(argument + 5));
    if (!strncmp(argument, "out=", 4))
        return (out = fopen(argument + 4, "w"));
    if (!strncmp(argument, "ram=", 4)) {
        ram_base = strtoul(argument + 4, &rest, 0);
        ram_size = *rest == ':' ? strtoul(rest + 1, &rest, 0) : 0;
        return ram_size && !*rest;
    }
    if (!strncmp(argument, "without=", 8)) {
        site_of(strtoul(argument + 8, &rest, 0))->without = true;
        return !*rest;
    }
    return !strcmp(argument, "strict=1") && (strict = true);
}

PUBLIC int qemu_plugin_install(plugin_id id, qemu_info_t const *info, int count, char **arguments)
{
    (void)info;
    for (int n = 0; n < count; n++)
        if (!parse(arguments[n])) {
            fprintf(stderr, "coherency: cannot use '%s'\n", arguments[n]);
            return 1;
        }
    if (!core || !out || !ram_size) {
        fputs("coherency: core=, ram= and out= are needed\n", stderr);
        return 1;
    }
    for (int rule = 0; rule < RULES; rule++)
        fprintf(out, "RULE %s %s\n", rule_texts[rule].name, rule_texts[rule].says);
    fflush(out);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
