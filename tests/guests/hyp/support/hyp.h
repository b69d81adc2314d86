// SPDX-License-Identifier: Apache-2.0
// What test guests of HYP mode are written with: they run on the machine of docs/guest-machine.md.
#ifndef HYP_H
#define HYP_H
#include "base.h"

/* --- registers */

#define MRC(opc1, crn, crm, opc2)                                                                            \
    ({                                                                                                       \
        u32 value_;                                                                                          \
        __asm__ volatile("mrc p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 : "=r"(value_)::"memory");   \
        value_;                                                                                              \
    })
#define MCR(opc1, crn, crm, opc2, value)                                                                     \
    __asm__ volatile("mcr p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 "\n isb" ::"r"((u32)(value))     \
                     : "memory")
#define MRRC(opc1, crm)                                                                                      \
    ({                                                                                                       \
        u64 value_;                                                                                          \
        __asm__ volatile("mrrc p15, " #opc1 ", %Q0, %R0, c" #crm : "=r"(value_)::"memory");                  \
        value_;                                                                                              \
    })
#define MCRR(opc1, crm, value)                                                                               \
    __asm__ volatile("mcrr p15, " #opc1 ", %Q0, %R0, c" #crm "\n isb" ::"r"((u64)(value)) : "memory")

static inline void isb(void) { __asm__ volatile("isb" ::: "memory"); }
static inline void dsb(void) { __asm__ volatile("dsb" ::: "memory"); }
static inline void wfi(void) { __asm__ volatile("dsb\n wfi" ::: "memory"); }
static inline u32 read_cpsr(void)
{
    u32 value;
    __asm__ volatile("mrs %0, cpsr" : "=r"(value)::"memory");
    return value;
}
/// CPSR.I and F.
static inline void unmask(void) { __asm__ volatile("cpsie if\n isb" ::: "memory"); }
static inline void mask(void) { __asm__ volatile("cpsid if" ::: "memory"); }

enum mode { USR = 0x10, FIQ, IRQ, SVC, ABT = 0x17, UND = 0x1b, SYS = 0x1f, MODE = 0x1f };
enum psr { PSR_T = 1 << 5, PSR_F = 1 << 6, PSR_I = 1 << 7, PSR_A = 1 << 8, PSR_E = 1 << 9 };
enum sctlr {
    SCTLR_M = 1,
    SCTLR_A = 2,
    SCTLR_C = 1 << 2,
    SCTLR_V = 1 << 13,
    SCTLR_I = 1 << 12,
    SCTLR_EE = 1 << 25,
    SCTLR_TE = 1 << 30,
};
static inline u32 sctlr(void) { return MRC(0, 1, 0, 0); }
static inline void set_sctlr(u32 set, u32 clear) { MCR(0, 1, 0, 0, (sctlr() & ~clear) | set); }

/// Registers as the guest found them when it began (start.S).
extern struct start_state {
    u32 r[13], lr_usr, lr_svc;
    u32 sp_usr, sp_abt, lr_abt, spsr_abt, sp_und, lr_und, spsr_und, sp_irq, lr_irq, spsr_irq;
    u32 fiq[5], sp_fiq, lr_fiq, spsr_fiq, sp_svc, spsr_svc, cpsr;
} start_state;

/* --- calls: what base.h does not name */

enum {
    PSCI_CPU_SUSPEND = 0x84000001,
    PSCI_CPU_OFF = 0x84000002,
    PSCI_CPU_ON = 0x84000003,
    PSCI_AFFINITY_INFO = 0x84000004,
    PSCI_MIGRATE_TYPE = 0x84000006,
    SMCCC_VERSION = 0x80000000,
    SMCCC_FEATURES = 0x80000001,
};

struct words {
    u32 r[6];
};
void hvc_words(u32 *words), smc_words(u32 *words);
static inline struct words hvc(u32 id, u32 a, u32 b, u32 c)
{
    struct words w = {{id, a, b, c, 0, 0}};
    hvc_words(w.r);
    return w;
}
static inline struct words smc(u32 id, u32 a, u32 b, u32 c)
{
    struct words w = {{id, a, b, c, 0, 0}};
    smc_words(w.r);
    return w;
}
static inline void yield_to_others(void) { hvc(VAMBRACE_FUNCTION(YIELD), 0, 0, 0); }

/* --- traps */

enum trap_kind { NO_TRAP, UNDEFINED, PREFETCH_ABORT, DATA_ABORT, SVC_TRAP, IRQ_TRAP, FIQ_TRAP };

/// What the entry stores on the stack of its mode. Changes are made to the interrupted code.
struct frame {
    u32 r[13];
    u32 lr;    // the mode's own: where to return to, once it is corrected
    u32 psr;   // SPSR
    u32 entry; // CPSR at the entry
};

/// The last trap that was no interrupt.
struct trap {
    u32 kind;
    struct frame frame;
    u32 status, address; // DFSR and DFAR, IFSR and IFAR
};
extern struct trap trap;
extern u32 volatile traps; // so many

typedef u32 access_fn(u32 address, u32 value);
/// Does it; an instruction that traps is skipped, a jump to nowhere returns.
/// \returns the last trap's kind, or NO_TRAP; `probed` is what the function has returned
u32 probe(access_fn *fn, u32 address, u32 value);
extern u32 probed;
/// Between these two a trap skips its instruction. Elsewhere it ends the guest.
void catch_traps(void);
void release_traps(void);
/// The last trap was of this kind.
void expect_trap(u32 kind, u32 address, u32 status);

u32 call_user(access_fn *fn, u32 a, u32 b);
u32 call_in_mode(access_fn *fn, u32 a, u32 b, u32 mode);

/* --- interrupts */

/// Called at each with what GICC_IAR gave, before it is ended.
extern void (*irq_hook)(u32 iar, struct frame *f);
extern u32 volatile irqs;           // that were taken
extern u32 irq_log[16], irq_logged; // the first of them: IAR
extern bool leave_active;           // no GICC_EOIR: the test does it
void take_nested(void);             // from the hook: those of higher priority
void forget_irqs(void);             // irqs, irq_log
void expect_irqs(u32 count, char const *when);

enum gic {
    GICD_CTLR = 0,
    GICD_TYPER = 4,
    GICD_IIDR = 8,
    GICD_IGROUPR = 0x80,
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_ISPENDR = 0x200,
    GICD_ICPENDR = 0x280,
    GICD_ISACTIVER = 0x300,
    GICD_ICACTIVER = 0x380,
    GICD_IPRIORITYR = 0x400,
    GICD_ITARGETSR = 0x800,
    GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00,
    GICD_CPENDSGIR = 0xf10,
    GICD_SPENDSGIR = 0xf20,
    GICC_CTLR = 0,
    GICC_PMR = 4,
    GICC_BPR = 8,
    GICC_IAR = 0xc,
    GICC_EOIR = 0x10,
    GICC_RPR = 0x14,
    GICC_HPPIR = 0x18,
    GICC_ABPR = 0x1c,
    GICC_AIAR = 0x20,
    GICC_AEOIR = 0x24,
    GICC_AHPPIR = 0x28,
    GICC_APR = 0xd0,
    GICC_IIDR = 0xfc,
    GICC_DIR = 0x1000,
    NOTHING_PENDING = 1023,
    UART_INTID = 33,
    CLOCK_INTID = 34,
    CNTV_INTID = 27,
    CNTP_INTID = 30,
    INTIDS = 96,
};
static inline u32 volatile *gicd(u32 offset) { return (u32 volatile *)(VAMBRACE_GICD_IPA + offset); }
static inline u32 volatile *gicc(u32 offset) { return (u32 volatile *)(VAMBRACE_GICC_IPA + offset); }
static inline void set_bit(u32 reg, u32 intid) { *gicd(reg + intid / 32 * 4) = 1u << intid % 32; }
static inline bool get_bit(u32 reg, u32 intid) { return *gicd(reg + intid / 32 * 4) >> intid % 32 & 1; }
static inline u8 volatile *priority_of(u32 intid)
{
    return (u8 volatile *)(VAMBRACE_GICD_IPA + GICD_IPRIORITYR + intid);
}
void gic_start(void); // everything off, inactive and at priority 0xa0; then both halves on

/* --- timers */

enum { TIMER_ON = 1, TIMER_MASKED = 2, TIMER_FIRED = 4 };
static inline u64 cntvct(void)
{
    isb();
    return MRRC(1, 14);
}
static inline u32 cntfrq(void) { return MRC(0, 14, 0, 0); }
static inline u64 ticks(u32 us) { return (u64)us * (cntfrq() / 1000000); }
static inline void cntv(u32 ctl, u64 cval)
{
    MCRR(3, 14, cval);
    MCR(0, 14, 3, 1, ctl);
}
static inline void cntp(u32 ctl, u64 cval)
{
    MCRR(2, 14, cval);
    MCR(0, 14, 2, 1, ctl);
}
void spin(u32 us);
/// The GIC is on with both timers, which are due from now on.
static inline void start_due_timers(void)
{
    gic_start();
    set_bit(GICD_ISENABLER, CNTV_INTID);
    set_bit(GICD_ISENABLER, CNTP_INTID);
    cntv(TIMER_ON, 0);
    cntp(TIMER_ON, 0);
}

/* --- page tables */

enum { AP_ALL = 3, AP_KERNEL = 1 };
/// Identity maps of RAM and devices for both modes, in the format of 32 or of 64 bits; MMU and caches are on.
void mmu_short(void);
void mmu_long(void);
void mmu_off(void);
/// Entries of the tables in use. Short: a first-level word. Long: of 2 MB.
void map_short(u32 va, u32 entry);
void map_long(u32 va, u64 entry);
void flush_tlb(void);
extern u32 short_table[4096];
extern u64 long_first[4], long_second[4][512];
enum {
    SHORT_NORMAL = 0x15c0e | 0x1000, // section: TEX C B write-back, shareable, AP 3
    SHORT_DEVICE = 0x00c06,
    SHORT_XN = 1 << 4,
    LONG_NORMAL = 0x741, // block: AttrIndx 0, AP all, inner shareable, AF
    LONG_DEVICE = 0x745,
    LONG_TABLE = 3,
};
#define LONG_XN (1ull << 54)

#endif
