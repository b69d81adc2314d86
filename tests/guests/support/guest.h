// SPDX-License-Identifier: Apache-2.0
// What every paravirtual test guest is written with: hypercalls, traps, page tables.
#ifndef GUEST_H
#define GUEST_H

#include "base.h"
#include <vambrace/calls.h>

/* --- hypercalls
 * ------------------------------------------------------------------------------------------------ */

struct answer {
    u32 r0, r1, r2, r3;
};

static inline struct answer ask(u32 id, u32 a1, u32 a2, u32 a3)
{
    struct vambrace_answer const a = vambrace_call(id, a1, a2, a3);
    return (struct answer) {(u32)a.r0, a.r1, a.r2, a.r3};
}

static inline int call3(u32 id, u32 a1, u32 a2, u32 a3) { return (int)ask(id, a1, a2, a3).r0; }
#define CALL3(NAME, a1, a2, a3) call3(VAMBRACE_FUNCTION(NAME), (u32)(a1), (u32)(a2), (u32)(a3))
#define CALL2(NAME, a1, a2) CALL3(NAME, a1, a2, 0)
#define CALL1(NAME, a1) CALL3(NAME, a1, 0, 0)
#define CALL0(NAME) CALL3(NAME, 0, 0, 0)

u64 time_ns(void);
static inline struct vambrace_shared volatile *shared(void)
{
    return (struct vambrace_shared volatile *)VAMBRACE_SHARED_VA;
}

/* --- traps
 * ----------------------------------------------------------------------------------------------------- */

enum trap_kind {
    NO_TRAP,
    SVC_USER,
    UNDEFINED_USER,
    PREFETCH_USER,
    DATA_USER,
    IRQ_USER,
    UNDEFINED_KERNEL,
    PREFETCH_KERNEL,
    DATA_KERNEL,
    IRQ_KERNEL,
    DOUBLE_FAULT,
};

/// The last trap, as the entry point saw it.
struct trap {
    u32 kind;
    u32 r[13]; // at the entry point
    u32 sp;    // at the entry point: the frame's address
    u32 mask;  // irq_mask at the entry point
    struct vambrace_frame frame;
};
extern struct trap trap;

/// Atomically stores value and returns what was there: SWP, or LDREX and STREX.
u32 swap(u32 volatile *word, u32 value);

/// Interrupts that were taken, and which.
extern u32 volatile irqs_taken, irqs_seen;

/// Called at each trap, behind interrupts, with a copy: true takes its frame over and goes on with it. False
/// leaves the
/// trap to support/.
extern bool (*trap_hook)(struct trap *t);
/// Called when a frame is complete, right before each RETURN that goes on with one.
extern void (*return_hook)(void);

/// Timer interrupts, one after the other, which guest user meets and guest kernel does not see.
void interrupt_user(bool on);
extern u32 volatile users_interrupted;

extern struct vambrace_vectors vectors;
extern char emergency_stack_end[];

/// Does it in guest kernel mode; returns the kind of trap that ended it, or NO_TRAP.
u32 probe(operation *op, u32 address, u32 value);
/// The same on another stack pointer.
u32 probe_on(u32 sp, operation *op, u32 address, u32 value);

/// RETURN with this frame where it is. Comes back with the error only.
int resume(struct vambrace_frame *frame);

/// The last trap was this one, at that address, with that status.
void expect_abort(u32 kind, u32 address, u32 status);
/// Runs guest user until its next trap that is no interrupt; returns its kind.
u32 run_user(u32 pc, u32 r0, u32 r1);
u32 run_user_frame(struct vambrace_frame const *frame);
/// The same with the frame at an address of the caller's; NO_TRAP if RETURN refuses it.
u32 run_user_frame_at(struct vambrace_frame const *frame, struct vambrace_frame *at);

/* --- page tables
 * ------------------------------------------------------------------------------------------------ */

/// AP[2:0] (DDI 0406C table B3-8). Before ARMv7 SCTLR.S and R say what 0 is, and before ARMv6K there is no 7.
enum { NONE_SR, KERNEL, USER_READ, USER_WRITE, KERNEL_READ = 5, ALL_READ, ALL_READ_V6K };
enum { DOMAIN_KERNEL = 0, DOMAIN_USER = 1, DOMAIN_TEST = 5 };
enum { NO_ACCESS, CLIENT, RESERVED, MANAGER };
enum {
    SCTLR_M = 1,
    SCTLR_A = 2,
    SCTLR_S = 1 << 8,
    SCTLR_R = 1 << 9,
    SCTLR_U = 1 << 22,
    SCTLR_XP = 1 << 23,
    SCTLR_TRE = 1 << 28,
    SCTLR_AFE = 1 << 29,
};
/// What a first-level entry that names a second-level table holds beside address and domain.
enum { TABLE_ENTRY = ARCH == ARMV5 ? 0x11 : 1 };
/// Bits of entries, ARMv6 with SCTLR.XP and ARMv7 (DDI 0406C B3.5.1).
enum {
    SECTION_XN = 1 << 4,
    SECTION_NG = 1 << 17,
    SECTION_SUPER = 1 << 18,
    PAGE_XN = 1,
    PAGE_NG = 1 << 11,
    LARGE_XN = 1 << 15,
};

enum {
    USER_CODE = 0x10000000, // the .text_user of the guest
    USER_DATA = 0x10100000, // a page that guest user may write
    USER_STACK = 0x10110000,
    USER_STACK_END = USER_STACK + PAGE,
};

extern u32 l1[4096], other_l1[4096];
extern u32 user_data_page[1024];
extern u32 table_words_offset;

/// Where a table's words are written and read: through the linear map once the MMU is on (docs/abi.md section
/// 5).
static inline u32 *table_words(u32 const *table)
{
    return (u32)table - RAM < RAM_SIZE ? (u32 *)((u32)table + table_words_offset) : (u32 *)table;
}

void mmu_on(void); // identity and linear sections for the kernel, the UART, user pages
void mmu_off(void);
/// The tables' format on ARMv6: 1 KB subpages as on ARMv5 (SCTLR.XP = 0), or APX, XN and nG. All is mapped
/// anew.
void use_subpages(bool subpages);
void fill_kernel_map(u32 *table);
void set_domain(u32 domain, u32 access);
void set_sctlr(u32 set, u32 clear);
u32 aps(u32 ap);             // as map_page() and map_large() take it
void map_native(u32 *table); // what native/ needs in every table; elsewhere nothing
void map_section(u32 *table, u32 va, u32 ipa, u32 ap, u32 domain);
/// The words of the second-level table that map_page uses for the megabyte; made if need be.
u32 *coarse(u32 *table, u32 va, u32 domain);
void map_page(u32 *table, u32 va, u32 ipa, u32 rights, u32 domain);
void map_large(u32 *table, u32 va, u32 ipa, u32 rights, u32 domain);
/// Sets more bits in the entry of a section or a small page.
void add_to_section(u32 *table, u32 va, u32 bits);
void add_to_page(u32 *table, u32 va, u32 bits);
void unmap_page(u32 *table, u32 va);
void unmap_section(u32 *table, u32 va);
void flush(u32 const *table, u32 va, u32 size);
void flush_all(void);

/// The address at which guest user sees something of .text_user.
u32 user_address(void const *symbol);

/* --- every access there is (ops.S): r0 = address, r1 = value; loads leave theirs in r1
 * ------------------------------ */

struct access {
    char const *name;
    operation *kernel;
    void const *user; // in .text_user
    u32 size, writes;
};
extern struct access const accesses[];
extern u32 const access_count;

operation kernel_ldr, kernel_str, kernel_nothing;
extern char user_ldr[], user_str[], user_nothing[], user_bx[], user_text_start[];
/// Jumps to the address.
operation kernel_bx;

#endif
