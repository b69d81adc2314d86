/* SPDX-License-Identifier: Apache-2.0 */
/* VFP by guest kernel and guest user. */
    .syntax unified
    .arm
    .fpu vfpv3

    .macro function name
    .text
    .global \name
\name:
    .endm

/* In: r0 and r1 as an operation has them. */
    function kernel_vadd
    vadd.f64 d0, d0, d1
    bx lr
    function kernel_vmrs_fpexc
    mrc p10, 7, r1, c8, c0, 0
    bx lr
    function kernel_vmrs_fpinst
    mrc p10, 7, r1, c9, c0, 0
    bx lr
    function kernel_vmsr_fpexc
    mcr p10, 7, r1, c8, c0, 0
    bx lr
    function kernel_vmsr_mvfr0
    mcr p10, 7, r1, c7, c0, 0
    bx lr

    function read_fpexc
    mrc p10, 7, r0, c8, c0, 0
    bx lr
    function read_fpsid
    mrc p10, 7, r0, c0, c0, 0
    bx lr
    function read_mvfr0
    mrc p10, 7, r0, c7, c0, 0
    bx lr
    function read_fpscr
    vmrs r0, fpscr
    bx lr
    function write_fpexc
    mcr p10, 7, r0, c8, c0, 0
    bx lr
    function write_fpscr
    vmsr fpscr, r0
    bx lr

/* In: r0 = 16 double words. */
    function store_lower
    vstmia r0, {d0-d15}
    bx lr
    function load_lower
    vldmia r0, {d0-d15}
    bx lr
    function store_upper
    vstmia r0, {d16-d31}
    bx lr
    function load_upper
    vldmia r0, {d16-d31}
    bx lr

    .macro user name
    .section .text_user, "ax"
    .balign 4
    .global user_\name
user_\name:
    .endm

    .global user_vfp_at, user_vmrs_fpexc_at
/* d0 := 1 + 2 in r0 (lower) and r1 (upper word) */
    user vfp
    mov r0, #1
    mov r1, #2
user_vfp_at:
    vmov s4, r0
    vmov s5, r1
    vcvt.f64.u32 d0, s4
    vcvt.f64.u32 d1, s5
    vadd.f64 d0, d0, d1
    vmov r0, r1, d0
    svc #1
/* r2 := d5 lower, then d5 := r0, r0 */
    user exchange
    vmov.32 r2, d5[0]
    vmov d5, r0, r0
    svc #1
    user vmrs_fpexc
user_vmrs_fpexc_at:
    mrc p10, 7, r1, c8, c0, 0
    svc #1

#if __ARM_ARCH >= 7
    .fpu neon
    .thumb
    user neon_thumb
    vmov.i8 q1, #3
    cmp r0, r0
    it eq
    vaddeq.f32 s0, s0, s0
    vadd.i8 q1, q1, q1
    vmov r0, r1, d2
    svc #1
    .arm
#endif
