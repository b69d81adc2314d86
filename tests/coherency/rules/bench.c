/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <string.h>

static u8 ram[RAM_SIZE] __attribute__((aligned(4096)));
static bool subpages;

static void word(u32 pa, u32 value) { memcpy(ram + pa, &value, 4); }

/* A section for everybody; CB: C and B. Bit 4 is one on ARMv5 and XN later. */
static void section(u32 table, u32 va, u32 pa, u32 cb)
{
    word(table + (va >> 20) * 4, (pa & 0xfff00000) | 3 << 10 | cb << 2 | (subpages ? 0x12 : 2));
}

u32 page_entry(u32 frame, u32 ap) { return frame | (subpages ? ap * 0x550 : ap << 4) | 0xe; }

static void fill(u32 table)
{
    static u32 const places[][3] = {
        {DATA, DATA, 3},       {UNCACHED, DATA, 0}, {THROUGH, DATA, 2}, {TABLES, 0, 1},
        {CACHED_TABLES, 0, 3}, {CODE, 0x300000, 3}, {FRAME, FRAME, 3},  {0, 0, 3}};

    for (size_t n = 0; n < sizeof places / sizeof *places; n++)
        section(table, places[n][0], places[n][1], places[n][2]);
    word(table + (PAGE >> 20) * 4, L2 | (subpages ? 0x11 : 1));
}

static void no_output(char const *line) { (void)line; }

void begin(char const *core)
{
    memset(ram, 0, sizeof ram);
    model_start(core_named(core), ram, 0, RAM_SIZE, no_output);
    machine.strict = true;
    subpages = machine.core->format == SUBPAGES;
    fill(L1);
    fill(OTHER_L1);
    word(L2, page_entry(FRAME, 3));
    word(L2 + 8, page_entry(DATA + 0x1000, 3));
    cp15(7, 7, 0, 0);
    for (u32 n = 0; n < 1u << 16 && data_unknown(); n++) /* every set and way */
        data_set_way_op((n & 3) << 30 | (n >> 2 & 0xff) * machine.core->line_of_op, INVALIDATE);
    cp15(7, 5, 0, 0);
    cp15(8, 7, 0, 0);
    dsb();
    cp15(2, 0, 0, L1);
    cp15(3, 0, 0, 1);
    cp15(1, 0, 0, SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_XP);
    isb();
    memset(reports_by_rule, 0, RULES * sizeof *reports_by_rule);
}

static struct access access_to(u32 va, bool write)
{
    return (struct access) {.va = va, .pc = 0x1000, .size = 4, .write = write};
}

void load(u32 va)
{
    struct access const access = access_to(va, false);

    model_data(&access);
}

void store(u32 va, u32 value)
{
    struct access const access = access_to(va, true);
    struct translation const t = walk(&machine.now, va);

    word(t.frame << 12 | (va & 0xfff), value);
    model_data(&access);
}

void fetch(u32 va) { model_fetch(va, 4, false); }

void fault(u32 va, bool write, bool user)
{
    struct access access = access_to(va, write);

    access.user = user;
    model_fault(&access);
}

void user_runs(u32 va)
{
    model_user_entered();
    model_fetch(va, 4, true);
    model_exception_taken();
}

void cp15(unsigned crn, unsigned crm, unsigned opc2, u32 value)
{
    model_cp15_write(crn, 0, crm, opc2, value);
}

void clean(u32 va) { cp15(7, 10, 1, va); }
void invalidate(u32 va) { cp15(7, 6, 1, va); }
void clean_invalidate(u32 va) { cp15(7, 14, 1, va); }
void invalidate_code(u32 va) { cp15(7, 5, 1, va); }
void dsb(void) { cp15(7, 10, 4, 0); }
void isb(void) { cp15(7, 5, 4, 0); }
void tlb_page(u32 va) { cp15(8, 7, 1, va | (machine.now.asid & 0xff)); }
void tlb_all(void) { cp15(8, 7, 0, 0); }
void set_page(u32 entry) { store(TABLES + L2, entry); }
