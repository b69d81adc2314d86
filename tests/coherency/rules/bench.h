/* SPDX-License-Identifier: Apache-2.0 */
/* A machine of 8 MB for tests of the rules: tables, accesses and operations in a line each. */
#pragma once
#include "../plugin/model.h"

/* The same megabyte of RAM at several addresses; a page of its own at PAGE, by a second-level table. */
enum {
    RAM_SIZE = 8 << 20,
    L1 = 0x4000,
    OTHER_L1 = 0x8000,
    L2 = 0xc000,
    DATA = 0x00100000, /* cached, at its own address */
    UNCACHED = 0x00900000,
    THROUGH = 0x00a00000,
    TABLES = 0x00b00000, /* RAM's first megabyte, not cached, bufferable */
    CACHED_TABLES = 0x00c00000,
    PAGE = 0x00d00000,
    FRAME = 0x00200000, /* behind PAGE; OTHER_FRAME is the next */
    OTHER_FRAME = 0x00201000,
    ALIAS = PAGE + 0x2000, /* DATA's second page once more: cached, of another colour */
    CODE = 0x00e00000,
};

void begin(char const *core);
void load(u32 va);
void store(u32 va, u32 value);
void fetch(u32 va);
void fault(u32 va, bool write, bool user);
void user_runs(u32 va);
void cp15(unsigned crn, unsigned crm, unsigned opc2, u32 value);
void clean(u32 va);
void invalidate(u32 va);
void clean_invalidate(u32 va);
void invalidate_code(u32 va);
void dsb(void);
void isb(void);
void tlb_page(u32 va);
void tlb_all(void);
u32 page_entry(u32 frame, u32 ap); /* a small page, cached */
void set_page(u32 entry);          /* PAGE's, through TABLES: it waits in the write buffer */

/* Does it if the sequence is to be whole. */
#define UNLESS_LEFT_OUT(operation)                                                                           \
    do {                                                                                                     \
        if (!left_out)                                                                                       \
            operation;                                                                                       \
    } while (0)

/* registers.c */
void o_switch(bool left_out);
void o_switch_from(bool left_out);
void o_cross(bool left_out);
void o_walk(bool left_out);
void o_dacr(bool left_out);
void p_data(bool left_out);
void p_code(bool left_out);
void p_tlb(bool left_out);
