/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each rule twice on each core that has it: a sequence with all its operations gives no report, and without
 * the one that the rule asks for, that report. A line for each: its name, a tab, what is wrong if something
 * is.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

static void d_stale(bool left_out)
{
    load(ALIAS);
    store(DATA + 0x1000, 1);
    clean_invalidate(DATA + 0x1000);
    UNLESS_LEFT_OUT(invalidate(ALIAS));
    load(ALIAS);
}

/* Nobody has read the line through the cache; a core that speculates may have filled it. */
static void d_speculative(bool left_out)
{
    load(DATA + LINE);
    store(UNCACHED, 1);
    UNLESS_LEFT_OUT(invalidate(DATA));
    load(DATA);
}

static void d_alias(bool left_out)
{
    store(DATA + 0x1000, 1);
    UNLESS_LEFT_OUT(clean_invalidate(DATA + 0x1000));
    load(ALIAS);
}

static void d_clobber(bool left_out)
{
    store(DATA, 1);
    UNLESS_LEFT_OUT(clean_invalidate(DATA));
    dsb();
    store(UNCACHED, 2);
    invalidate(DATA);
    load(UNCACHED);
}

static void d_lost(bool left_out)
{
    store(DATA, 1);
    UNLESS_LEFT_OUT(clean(DATA));
    invalidate(DATA);
    load(DATA);
}

static void remap(void)
{
    set_page(page_entry(OTHER_FRAME, 3));
    dsb();
    tlb_page(PAGE);
    dsb();
    isb();
}

static void d_remap(bool left_out)
{
    load(PAGE);
    UNLESS_LEFT_OUT(clean_invalidate(PAGE));
    remap();
    load(PAGE);
}

static void d_remap_store(bool left_out)
{
    store(PAGE, 1);
    UNLESS_LEFT_OUT(clean_invalidate(PAGE));
    remap();
    store(PAGE, 2);
}

static void i_remap(bool left_out)
{
    fetch(PAGE);
    UNLESS_LEFT_OUT(invalidate_code(PAGE));
    remap();
    fetch(PAGE);
}

static void u_dirty(bool left_out)
{
    store(DATA, 1);
    UNLESS_LEFT_OUT(clean(DATA));
    load(UNCACHED);
}

static void w_dirty(bool left_out)
{
    store(CACHED_TABLES + L2 + 4, page_entry(OTHER_FRAME, 3));
    UNLESS_LEFT_OUT(clean(CACHED_TABLES + L2 + 4));
    dsb();
    load(PAGE + 0x1000);
}

static void w_pending(bool left_out)
{
    store(TABLES + L2 + 4, page_entry(OTHER_FRAME, 3));
    UNLESS_LEFT_OUT(dsb());
    load(PAGE + 0x1000);
}

static void w_return(bool left_out)
{
    load(PAGE);
    store(TABLES + L2 + 4, page_entry(OTHER_FRAME, 3));
    UNLESS_LEFT_OUT(dsb());
    user_runs(DATA);
}

static void i_stale(bool left_out)
{
    fetch(CODE);
    store(CODE, 1);
    clean(CODE);
    dsb();
    UNLESS_LEFT_OUT(invalidate_code(CODE));
    fetch(CODE);
}

static void i_dirty(bool left_out)
{
    store(CODE, 1);
    UNLESS_LEFT_OUT(clean(CODE));
    dsb();
    fetch(CODE);
}

static void i_pending(bool left_out)
{
    store(CODE, 1);
    clean(CODE);
    UNLESS_LEFT_OUT(dsb());
    fetch(CODE);
}

static void t_frame(bool left_out)
{
    load(PAGE);
    set_page(page_entry(OTHER_FRAME, 3));
    dsb();
    clean_invalidate(PAGE);
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    store(PAGE, 1);
}

static void t_memory(bool left_out)
{
    load(PAGE);
    clean_invalidate(PAGE);
    set_page(page_entry(FRAME, 3) & ~0xcu);
    dsb();
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    load(PAGE);
}

static void t_rights(bool left_out)
{
    load(PAGE);
    set_page(page_entry(FRAME, 1));
    dsb();
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    fault(PAGE, false, true);
}

static void t_gone(bool left_out)
{
    load(PAGE);
    set_page(0);
    dsb();
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    fault(PAGE, false, false);
}

static void t_two(bool left_out)
{
    load(CODE);
    clean_invalidate(CODE);
    store(TABLES + L1 + (CODE >> 20) * 4, L2 | (machine.core->format == SUBPAGES ? 0x11 : 1));
    dsb();
    UNLESS_LEFT_OUT(tlb_page(CODE));
    dsb();
    isb();
    load(CODE);
}

static void t_return(bool left_out)
{
    load(PAGE);
    set_page(page_entry(FRAME, 1));
    dsb();
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    user_runs(DATA);
}

/* The operation comes before the DSB of the store: the old word may be walked once more. */
static void t_before_dsb(bool left_out)
{
    load(PAGE);
    set_page(page_entry(FRAME, 1));
    UNLESS_LEFT_OUT(dsb());
    tlb_page(PAGE);
    dsb();
    isb();
    fault(PAGE, false, true);
}

/* No DSB: the operation has not taken effect. */
static void t_no_dsb(bool left_out)
{
    load(PAGE);
    set_page(page_entry(FRAME, 1));
    dsb();
    tlb_page(PAGE);
    UNLESS_LEFT_OUT(dsb());
    isb();
    fault(PAGE, false, true);
}

/* No ISB: what follows need not see it. */
static void t_no_isb(bool left_out)
{
    load(PAGE);
    set_page(page_entry(FRAME, 1));
    dsb();
    tlb_page(PAGE);
    dsb();
    UNLESS_LEFT_OUT(isb());
    fault(PAGE, false, true);
}

/* Nobody has used the page; a core that speculates may have. */
static void t_speculative(bool left_out)
{
    load(PAGE + 0x1000 - 4);
    tlb_all();
    dsb();
    isb();
    load(PAGE + 0x3000);
    set_page(page_entry(FRAME, 1));
    dsb();
    UNLESS_LEFT_OUT(tlb_page(PAGE));
    dsb();
    isb();
    user_runs(DATA);
}

enum { ARM926 = 1, ARM11 = 2, MPCORE = 4, A8 = 8, A9 = 16, ORDERED = ARM11 | MPCORE | A8 | A9, ALL = 31 };
static char const *const cores[] = {"arm926", "arm11", "arm11-mpcore", "cortex-a8", "cortex-a9"};

static struct test {
    char const *name;
    enum rule rule;
    void (*run)(bool left_out);
    int on;
} const tests[] = {
    {"stale copy", D_STALE, d_stale, ARM926 | ARM11},
    {"dirty alias", D_ALIAS, d_alias, ARM926 | ARM11},
    {"clobbered", D_CLOBBER, d_clobber, ALL},
    {"lost", D_LOST, d_lost, ALL},
    {"page changes under data", D_REMAP, d_remap, ARM926},
    {"page changes under a store", D_REMAP, d_remap_store, ARM926},
    {"page changes under code", I_REMAP, i_remap, ARM926},
    {"uncached read", U_DIRTY, u_dirty, ALL},
    {"walk of a dirty word", W_DIRTY, w_dirty, ALL},
    {"walk of a waiting word", W_PENDING, w_pending, ALL},
    {"waiting word at the return", W_RETURN, w_return, ALL},
    {"stale code", I_STALE, i_stale, ALL},
    {"dirty code", I_DIRTY, i_dirty, ALL},
    {"waiting code", I_PENDING, i_pending, ALL},
    {"other frame", T_FRAME, t_frame, ALL},
    {"other memory type", T_MEMORY, t_memory, ALL},
    {"fewer rights", T_RIGHTS, t_rights, ALL},
    {"unmapped", T_GONE, t_gone, ALL},
    {"section to pages", T_TWO, t_two, ALL},
    {"old entry at the return", T_RETURN, t_return, ALL},
    {"TLB before the store's DSB", T_RIGHTS, t_before_dsb, ORDERED},
    {"TLB without DSB", T_RIGHTS, t_no_dsb, ORDERED},
    {"TLB without ISB", T_RIGHTS, t_no_isb, ORDERED},
    {"entry that nobody asked for", T_RETURN, t_speculative, ARM926 | A8 | A9},
    {"line that nobody asked for", D_STALE, d_speculative, A8 | A9},
    {"ASID behind TTBR", O_SWITCH, o_switch, ORDERED},
    {"TTBR under an ASID", O_SWITCH, o_switch_from, ORDERED},
    {"walk into the next ASID", O_CROSS, o_cross, A9},
    {"access behind TTBR", O_WALK, o_walk, ORDERED},
    {"access behind DACR", O_DACR, o_dacr, ORDERED},
    {"data cache at power-on", P_DATA, p_data, ALL},
    {"instruction cache at power-on", P_CODE, p_code, ALL},
    {"TLB at power-on", P_TLB, p_tlb, ALL},
};

/*
 * "" if the test's rule is met as it should be, and no other where nothing is left out; else what is wrong.
 */
static char const *verdict(struct test const *test, char const *core, bool left_out)
{
    static char said[100];

    begin(core);
    test->run(left_out);
    if (left_out && !reports_by_rule[test->rule])
        return "it does not fire";
    for (int rule = 0; rule < RULES && !left_out; rule++)
        if (reports_by_rule[rule]) {
            snprintf(said, sizeof said, "%s fires for nothing", rule_texts[rule].name);
            return said;
        }
    return "";
}

/* All tests, or their names only: on each core, whole and with the operation left out. */
int main(int count, char **arguments)
{
    bool const list = count == 2 && !strcmp(arguments[1], "--list");

    for (size_t n = 0; n < sizeof tests / sizeof *tests; n++)
        for (int core = 0; core < 5; core++)
            for (int left_out = 0; left_out < 2 && tests[n].on >> core & 1; left_out++) {
                printf("%s %s: %s, %s", rule_texts[tests[n].rule].name, cores[core], tests[n].name,
                       left_out ? "left out" : "whole");
                fflush(stdout);
                if (list)
                    puts("");
                else
                    printf("\t%s\n", verdict(&tests[n], cores[core], left_out));
            }
    return 0;
}
