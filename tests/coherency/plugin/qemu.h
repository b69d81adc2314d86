/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the plugin uses of QEMU: its plugin interface, version 1, declared here because QEMU's package carries
 * no header for it; and what qemu_7_2.c gives from the inside.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
typedef uint32_t mem_info;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int,
                                                 void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(struct qemu_plugin_tb const *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(struct qemu_plugin_tb const *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(struct qemu_plugin_insn const *);
extern void const *qemu_plugin_insn_data(struct qemu_plugin_insn const *);
extern size_t qemu_plugin_insn_size(struct qemu_plugin_insn const *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int,
                                                   void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                             void (*)(unsigned, mem_info, uint64_t, void *), int, int,
                                             void *);
extern unsigned qemu_plugin_mem_size_shift(mem_info);

enum { NO_REGISTERS = 0, LOADS_AND_STORES = 3 };

/* What the core does, as qemu_7_2.c hears of it. */
struct hooks {
    void (*cp15_written)(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2, uint32_t value);
    void (*cp15_range)(unsigned crm, uint32_t start, uint32_t end); /* MCRR */
    void (*cp15_read)(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2);
    void (*tlb_missed)(uint32_t va, int access_type, bool user); /* 0: load, 1: store, 2: fetch */
};

/* NULL, or why this QEMU is not the one that is known. To be called when the first block is translated. */
char const *hook_qemu(struct hooks const *hooks, uint32_t ram_base, uint32_t ram_size);
unsigned mode_now(void); /* CPSR's */
uint8_t *ram_of_qemu(void);
bool stores(mem_info info);
bool as_user(mem_info info); /* LDRT and STRT are the user's, whatever the mode */
