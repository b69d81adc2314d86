// SPDX-License-Identifier: Apache-2.0
// Code with known registers (ops.S), and what the tests of traps look for.
#ifndef VECTORS_H
#define VECTORS_H

#include "guest.h"

#define DECLARE(name)                                                                                        \
    extern operation kernel_known_##name;                                                                    \
    extern char kernel_known_##name##_at[], user_known_##name[], user_known_##name##_at[]
DECLARE(undefined);
DECLARE(data);
DECLARE(prefetch);
DECLARE(svc);
extern char thumb_svc[], thumb_undefined[], thumb_data[], thumb_nothing[], user_flags[], user_loop[];
extern operation kernel_thumb_data, kernel_sp;
int return_keeps(u32 frame);
extern u32 return_left[12];

enum { FLAGS = 0xf0000000, THUMB = 0x20, N_AND_C = 0xa0000000, PAGE_0 = 0x10, UNMAPPED = 0x80000000 };

static inline void set(struct vambrace_vectors const *v, int expected, char const *what)
{
    equal((u32)CALL1(SET_VECTORS, v), (u32)expected, what);
}

static inline struct vambrace_frame good_user_frame(void)
{
    return (struct vambrace_frame) {
        .pc = user_address(user_nothing), .sp = USER_STACK_END, .psr = VAMBRACE_PSR_USER};
}

/// Addresses that only the hypervisor has use for.
static inline bool is_of_the_hypervisor(u32 word) { return word - 0xff002000 < 0x7fe000; }

#endif
