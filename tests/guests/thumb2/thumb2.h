// SPDX-License-Identifier: Apache-2.0
// Thumb-2 code (ops.S) and how guest user runs it.
#ifndef THUMB2_H
#define THUMB2_H

#include "guest.h"

enum { AREA = 0x20100000, THUMB = 0x20, IT_BITS = 0x0600fc00 };
/// ITSTATE (DDI 0406C A2.5.2) of the second instruction of an ITTTE EQ block and of the third, in a psr.
enum { IT_SECOND = 1 << 26 | 1 << 10, IT_THIRD = 3 << 10 };

extern char user_it_svc[], user_it_svc_at[], user_it_undefined[], user_it_undefined_at[], user_it_load[],
    user_it_load_at[], user_it_store[], user_it_jump[], user_it_loop[], user_it_false_load[], user_wide[],
    user_wide_undefined[], user_wide_end[], user_enterx[];
u32 kernel_it_mrc(u32 equal, u32 *results), kernel_it_svc(u32 id, u32 *results), kernel_wide_mcr(u32 value),
    kernel_it_smc(u32 id, u32 *results);
extern operation kernel_it_load;
void kernel_it_loop(u32 rounds, u32 *counts);
extern struct {
    char const *name;
    void (*run)(u32 address, u32 *out); // out: what was loaded, the base register behind it
    int offset, moved;
    u32 loads, value;
} const wide_forms[];
extern u32 const wide_form_count;
extern char kernel_it_load_at[];

static inline struct vambrace_frame thumb_frame(void const *at, u32 r0)
{
    return (struct vambrace_frame) {.r = {r0, 0, 0, 0, 0, 0, 0, 0},
                                    .sp = USER_STACK_END,
                                    .pc = user_address(at),
                                    .psr = VAMBRACE_PSR_USER | THUMB};
}

static inline u32 run_thumb(void const *at, u32 r0)
{
    struct vambrace_frame const f = thumb_frame(at, r0);
    return run_user_frame(&f);
}

/// Goes on with the frame of the last trap.
static inline u32 go_on(void)
{
    struct vambrace_frame const f = trap.frame;
    return run_user_frame(&f);
}

/// The block's third instruction ran and its fourth, which is the other case, did not.
static inline void check_rest(void)
{
    equal(trap.kind, SVC_USER, "kind of trap at the end");
    equal(trap.frame.r[1], 1, "r1, set before the trap");
    equal(trap.frame.r[2], 2, "r2, set behind the trap");
    equal(trap.frame.r[3], 0, "r3, which the block does not set");
    equal(trap.frame.r[4], 4, "r4, set behind the block");
    equal(trap.frame.psr & IT_BITS, 0, "IT behind the block");
}

#endif
