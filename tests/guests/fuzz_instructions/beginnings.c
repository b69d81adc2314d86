// SPDX-License-Identifier: Apache-2.0
// What the fuzzed code begins with: entry points, frames, registers, and the code itself.
#include "fuzz.h"

struct vambrace_vectors fuzz_vectors[8];

void fuzz_svc_user(void), fuzz_undefined_user(void), fuzz_prefetch_user(void), fuzz_data_user(void),
    fuzz_irq_user(void), fuzz_undefined_kernel(void), fuzz_prefetch_kernel(void), fuzz_data_kernel(void),
    fuzz_irq_kernel(void), fuzz_double_fault(void);

void fill_vectors(void)
{
    for (u32 n = 0; n != 8; ++n) {
        fuzz_vectors[n] = (struct vambrace_vectors) {(u32)fuzz_svc_user,
                                                     (u32)fuzz_undefined_user,
                                                     (u32)fuzz_prefetch_user,
                                                     (u32)fuzz_data_user,
                                                     (u32)fuzz_irq_user,
                                                     (u32)fuzz_undefined_kernel,
                                                     (u32)fuzz_prefetch_kernel,
                                                     (u32)fuzz_data_kernel,
                                                     (u32)fuzz_irq_kernel,
                                                     (u32)fuzz_double_fault,
                                                     EMERGENCY_END,
                                                     STACKS + MB / 4};
        if (n > 3)
            fuzz_vectors[n].user_frame = data_address() & ~7u;
        if (n > 5) // guest user's traps only: others could go on for ever, each with a frame below the last
            (&fuzz_vectors[n].svc_user)[below(5)] = (CODE + below(THUMB_HALF)) & ~3u;
    }
    if (once_in(256))
        fuzz_vectors[7].double_fault = 0;
}

static void random_registers(struct vambrace_frame *f)
{
    for (u32 n = 0; n != 13; ++n)
        f->r[n] = value();
    if (once_in(3))
        call_in_registers(f->r);
    f->sp = once_in(6) ? data_address() : STACKS + 0x1000 + (below(0x70000) & ~7u);
    f->lr = once_in(2) ? code_address() : value();
    f->orig_r0 = rnd();
}

void go_to(struct vambrace_frame *f, u32 address)
{
    u32 const mode = once_in(2)   ? VAMBRACE_PSR_USER
                     : once_in(4) ? VAMBRACE_PSR_MODE_MASK
                                  : VAMBRACE_PSR_KERNEL;
    f->psr = (rnd() & 0xf8000000) | mode | (once_in(24) ? VAMBRACE_IRQ_MASKED : 0);
    f->psr |= (address & 1) ^ once_in(32) ? PSR_T : 0;
    if (once_in(12))
        f->psr ^= rnd() & 0x07ffffe0 & ~VAMBRACE_IRQ_MASKED;
    f->pc = address & (f->psr & PSR_T ? ~1u : ~3u);
}

void random_frame(struct vambrace_frame *f)
{
    random_registers(f);
    go_to(f, once_in(40) ? value() : code_address());
}

void random_code(void)
{
    write_arm((u32 *)(CODE + (below(THUMB_HALF - 512) & ~3u)), 128);
    write_thumb((u16 *)(CODE + THUMB_HALF + (below(THUMB_HALF - 256) & ~1u)), 128);
    CALL3(CACHE_OP, VAMBRACE_CACHE_SYNC_CODE, CODE, CODE_SIZE);
    for (u32 n = 0; n != 8; ++n)
        random_frame((struct vambrace_frame *)(FRAMES + below(FRAME_COUNT) * 128));
    for (u32 n = 0; n != 64; ++n)
        ((u32 *)DATA)[below(MB / 4)] = value();
}
