/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of one core's caches, write buffer and TLB that may hold everything that they are allowed to hold:
 * a line or an entry stays until it is invalidated, any line may be evicted and any entry be walked again at
 * any time. An access that could have met something old is a report. docs/coherency.md has the rules.
 *
 * Nothing here knows QEMU: whoever runs the model gives it memory, accesses and CP15 operations.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

enum { LINE = 32, WORDS = 8, LINES_OF_PAGE = 128, DATA_ALIASES = 4, CODE_ALIASES = 3 };

/*
 * --- cores --------------------------------------------------------------------------------------- cores.c
 */

enum format { SUBPAGES, SUBPAGES_OR_VMSA, VMSA }; /* the second: SCTLR.XP says */

struct core {
    char const *name;
    enum format format;
    bool virtual_tags; /* lines are found by their virtual address alone, and no ASID is part of it */
    u32 data_colours;  /* address bits above a page's that choose a line where tags are physical */
    u32 code_colours;
    u8 evicted_words; /* what one dirty bit stands for */
    u8 line_of_op;    /* bytes that an operation by address reaches */
    bool asids;
    bool ordered;         /* ARMv6 and later: TLB operations and stores to tables take effect at a DSB */
    bool walks_may_cache; /* TTBR says whether walks look into the data cache */
    bool speculates;      /* walks and fills lines that no instruction asked for */
    bool walks_cross;     /* a walk that has begun may end under the next ASID */
    u16 sets, ways;       /* as the core's size registers tell the program */
    u8 way_shift;
};

struct core const *core_named(char const *name);

/*
 * --- reports ----------------------------------------------------------------------------------- reports.c
 */

enum rule {
    D_STALE,
    D_ALIAS,
    D_CLOBBER,
    D_LOST,
    D_REMAP,
    U_DIRTY,
    W_DIRTY,
    W_PENDING,
    W_RETURN,
    I_STALE,
    I_DIRTY,
    I_PENDING,
    I_REMAP,
    T_FRAME,
    T_MEMORY,
    T_RIGHTS,
    T_GONE,
    T_TWO,
    T_RETURN,
    O_SWITCH,
    O_CROSS,
    O_WALK,
    O_DACR,
    P_DATA,
    P_CODE,
    P_TLB,
    RULES
};

struct rule_text {
    char const *name, *says;
};
extern struct rule_text const rule_texts[RULES];

/* Who stored last: where, and through which address. */
struct writer {
    u32 pc, va;
};

/* Gives each (rule, reader, writer) once to `out`. */
void reports_reset(void);
void report(enum rule rule, u32 va, u32 pa, struct writer writer);
extern u64 reports_by_rule[RULES]; /* how often each was met, the same ones included */

/*
 * --- the machine ------------------------------------------------------------------------------------------
 */

struct access {
    u32 va, pc;
    u8 size;
    bool write, fetch, user;
};

struct registers {
    u32 sctlr, ttbr0, ttbr1, ttbcr, dacr, asid, prrr, nmrr;
};

struct machine {
    struct core const *core;
    u8 *ram; /* what the program sees: the newest values */
    u32 ram_base, ram_size;
    u32 pc; /* of the instruction that runs */
    bool user;
    bool strict; /* nothing old may be left when user mode is entered */
    void (*out)(char const *line);
    struct registers now, before; /* `before`: what held until the last context synchronization */
    bool unsynchronized;
};
extern struct machine machine;

enum {
    SCTLR_M = 1,
    SCTLR_C = 4,
    SCTLR_S = 0x100,
    SCTLR_R = 0x200,
    SCTLR_I = 0x1000,
    SCTLR_XP = 1 << 23,
    SCTLR_TRE = 1 << 28,
    SCTLR_AFE = 1 << 29
};

void model_start(struct core const *core, u8 *ram, u32 base, u32 size, void (*out)(char const *));
void model_data(struct access const *access); /* after the access */
void model_fetch(u32 va, u32 size, bool user);
void model_fault(struct access const *access); /* QEMU refuses it */
void model_cp15_write(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2, u32 value);
void model_cp15_range(unsigned crm, u32 start, u32 end); /* MCRR; the line of `end` is the last one */
void model_cp15_read(unsigned crn, unsigned opc1, unsigned crm, unsigned opc2);
void model_barrier(bool data, bool instruction);
void model_user_entered(void);
void model_exception_taken(void);

/*
 * --- memory ------------------------------------------------------------------------------------- memory.c
 */

struct alias {
    u32 tag, epoch;
    u8 newer;      /* words that memory has not got yet */
    u8 old;        /* words that were stored elsewhere since */
    u8 dirty;      /* words that an eviction writes */
    bool remapped; /* it belongs to another physical line: all of it is wrong */
};

struct code_alias {
    u32 tag, epoch;
    u8 old;
    bool remapped;
};

struct line {
    struct alias data[DATA_ALIASES];
    struct code_alias code[CODE_ALIASES];
    struct writer writer;
    u32 drains;   /* when `pending` was set */
    u8 pending;   /* words that may wait in a write buffer */
    u8 lost;      /* words whose newest value may be gone */
    u8 lost_by;   /* enum rule */
    u8 walked;    /* words that TLB entries came from */
    bool listed;  /* it is in the list of dirty lines */
    bool several; /* it has had more than one alias in the data caches */
};

bool in_ram(u32 pa);
u32 ram_word(u32 pa);         /* newest value; 0 outside RAM */
struct line *line_at(u32 pa); /* NULL outside RAM */
u32 *memory_word(u32 pa);     /* what memory has of a word that is newer elsewhere */
u8 take_changes(u32 pa, u8 words,
                u32 *old);          /* words of the line that differ from what they were; old values */
void settle(u32 pa, u32 size);      /* what is there counts as what was there: it is known to be a table */
u8 words_of(u32 address, u32 size); /* those of the line from `address` on */

/*
 * --- caches ------------------------------------------------------------------------------------- caches.c
 */

struct memory_type {
    bool cached, write_back, buffered;
};

enum extent { CLEAN = 1, INVALIDATE = 2 };

void caches_reset(void);
void code_reset(void);
void code_stored(struct line *line, u8 changed);
bool code_unknown(void); /* since power-on */
bool data_unknown(void);
void data_load(struct access const *access, u32 pa, u8 words, struct memory_type type);
void data_store(struct access const *access, u32 pa, u8 words, struct memory_type type);
void code_fetch(u32 va, u32 pa, u8 words, struct memory_type type);
void data_line_op(u32 va, enum extent what);
void data_all_op(enum extent what);
void data_set_way_op(u32 value, enum extent what); /* set_way.c */
void set_way_reset(void);
void code_line_op(u32 va);
void code_all_op(void);
void drain(void);
u8 newer_words(struct line const *line);
u8 pending_words(struct line const *line);
/* Virtual tags: whose lines a virtual page's may be. A whole cache is forgotten by its epoch. */
struct page_frame {
    u32 frame, epoch;
};
void page_remapped(u32 va, u32 old_frame, u32 new_frame, bool code);
bool present(struct alias const *alias);
bool code_present(struct code_alias const *alias);

/* --- translation --------------------------------------------------------------------------------- walk.c */

struct translation {
    bool mapped, section, global;
    u32 l1, l2, l1_pa, l2_pa;
    u32 frame; /* of the 4 KB page; 1 KB pages count as a part of theirs */
    u32 wide;  /* bytes that one entry covers */
    u8 domain, ap;
    bool never_execute, accessed;
    struct memory_type type;
};

struct translation decode(struct registers const *r, u32 va, u32 l1, u32 l1_pa, u32 l2);
struct translation walk(struct registers const *r, u32 va);
bool permitted(struct registers const *r, struct translation const *t, struct access const *access);
bool same_memory(struct translation const *a, struct translation const *b);

/*
 * --- TLB ------------------------------------------------------------------------------------------- tlb.c
 */

struct place {
    u32 pa;
    struct memory_type type;
    bool mapped;
};

void tlb_reset(void);
bool tlb_unknown(void);
struct place tlb_translate(struct access const *access);
bool tlb_probe(u32 va, u32 *pa); /* for an operation by address */
bool tlb_may_fill(u32 pa); /* a cacheable page or section shows it: a core that speculates may read it */
void tlb_fault(struct access const *access);
void tlb_invalidate_all(void);
void tlb_invalidate_asid(u32 asid);
void tlb_invalidate_page(u32 va, u32 asid, bool all_asids);
void tlb_registers_changed(void);
void tlb_complete(void);                               /* DSB: what was issued is complete, */
void tlb_synchronize(void);                            /* ISB: and seen */
void table_stored(u32 pa, u8 changed, u32 const *old); /* words of a line, some may be of tables */
void tlb_returns_to_user(void);

/*
 * --- order --------------------------------------------------------------------------------------- order.c
 */

void order_reset(void);
void register_written(u32 *field, u32 value);
void synchronize(void);
void order_access(struct access const *access);
void order_complete(void); /* DSB: no walk is under way */
