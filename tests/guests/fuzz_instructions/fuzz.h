// SPDX-License-Identifier: Apache-2.0
// What the parts of the instruction fuzzer share. Everything it does follows from `seed` and the time.
#ifndef FUZZ_H
#define FUZZ_H

#include "guest.h"

/// Memory of the fuzzed code's own: IPAs, which the linear map shows at the same addresses.
enum {
    COPY = SCRATCH - MB, // of the fuzzer's own code
    KEPT = COPY - PAGE,  // what survives a jump to _start
    CODE = SCRATCH,      // its first half is written in ARM code, the second in Thumb code
    CODE_SIZE = 64 << 10,
    DATA = SCRATCH + MB,
    STACKS = SCRATCH + 2 * MB, // frames and stacks of the fuzzed kernel
    FRAMES = STACKS + MB / 2,  // frames for its own RETURNs
    FRAME_COUNT = 64,
    EMERGENCY_END = STACKS + MB,
    TABLES = SCRATCH + 4 * MB,
    COARSES = TABLES + 256 * 1024,
    COARSE_COUNT = 64,
};

/// Where the pristine tables show it beside that; docs/architecture.md section 3 has what lies between.
enum {
    USER_CODE_PAGES = 0x10000000,
    USER_LARGE = 0x10100000,
    USER_SECTION = 0x10200000,
    USER_DATA_SECTION = 0x10300000,
    MIXED = 0x10400000,        // a page of each kind of rights, over DATA
    MIXED_STACKS = 0x10500000, // the same over STACKS
    MEGABYTE_0 = 0,
    HIGH_PAGE = 0xffff0000,
    ALIAS = 0xc0800000,
    UART = VAMBRACE_PL011_IPA,
};

enum { PSR_T = 0x20, THUMB_HALF = CODE_SIZE / 2, TABLE_COUNT = 4 };

struct kept {
    u32 magic, seed, state; // of next_random()
    u32 sctlr;              // as it was at the start, with the MMU on
    u32 bursts, traps, instructions, calls, repairs, starts;
};
static inline struct kept *kept(void) { return (struct kept *)KEPT; }
static inline u32 rnd(void) { return next_random(&kept()->state); }
static inline u32 below(u32 limit) { return (rnd() >> 4) % limit; }
/// True once in n times.
static inline bool once_in(u32 n) { return below(n) == 0; }

extern u32 *const tables[TABLE_COUNT];
extern u64 now; // hypervisor time at the last trap, or a little before

/// A word as one would aim: an edge, an address of interest, or anything.
u32 value(void);
/// The address of a place in the code, as it is seen somewhere; bit 0 says that it is Thumb's.
u32 code_address(void);
/// An address near the fuzzed code's data or stacks, or an edge.
u32 data_address(void);
/// A hypercall: r[0] is its identifier, r[1] to r[3] are arguments that make sense.
void plausible_call(u32 *r);
/// One that does no harm if the registers change before it is made.
void call_in_registers(u32 *r);
/// TIMER_SET to soon: the interrupts are to arrive everywhere.
void timer_call(u32 *r);

void write_arm(u32 *to, u32 words);
void write_thumb(u16 *to, u32 halfwords);
/// A word of coprocessor space, condition 0xe or none.
u32 coprocessor(void);

extern struct vambrace_vectors fuzz_vectors[8];
void fill_vectors(void);
/// Guest user or guest kernel, ARM or Thumb: as the address asks for, mostly.
void go_to(struct vambrace_frame *f, u32 address);
void random_frame(struct vambrace_frame *f);
void random_code(void);

void rebuild_tables(void);
/// Changes an entry of a table that is or may be in use, and mostly tells the hypervisor.
void mutate_tables(void);

#endif
