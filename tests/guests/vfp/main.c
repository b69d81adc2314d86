// SPDX-License-Identifier: Apache-2.0
// VFP and NEON: closed until the guest kernel opens them, then the guest's own.
// for: armv6 armv7
// native: yes
#include "guest.h"

enum { EN = 1 << 30, FULL = 0xf << 20, KERNEL_ALONE = 5 << 20, THUMB = 0x20, VFP_WORDS = 32 };

extern operation kernel_vadd, kernel_vmrs_fpexc, kernel_vmrs_fpinst, kernel_vmsr_fpexc, kernel_vmsr_mvfr0;
extern char user_vfp[], user_vfp_at[], user_exchange[], user_vmrs_fpexc[], user_vmrs_fpexc_at[];
u32 read_fpexc(void), read_fpsid(void), read_mvfr0(void), read_fpscr(void);
void write_fpexc(u32 value), write_fpscr(u32 value);
void store_lower(u32 *words), load_lower(u32 const *words), store_upper(u32 *words),
    load_upper(u32 const *words);

static void open_coprocessors(u32 access)
{
    CP15_WRITE(1, 0, 2, access);
    CP15_WRITE(7, 5, 4, 0); // ISB
}

static void open_vfp(void)
{
    open_coprocessors(FULL);
    write_fpexc(EN);
}

TEST(closed, "VFP is undefined until CPACR and FPEXC open it")
{
    open_coprocessors(0);
    equal(probe(kernel_vadd, 0, 0), UNDEFINED_KERNEL, "vadd with CPACR closed: trap");
    equal(probe(kernel_vmrs_fpexc, 0, 0), UNDEFINED_KERNEL, "vmrs with CPACR closed: trap");
    open_coprocessors(FULL);
    equal(CP15_READ(1, 0, 2) & FULL, FULL, "CPACR");
    equal(probe(kernel_vmrs_fpexc, 0, 0), NO_TRAP, "vmrs with CPACR open: trap");
    write_fpexc(0);
    equal(probe(kernel_vadd, 0, 0), UNDEFINED_KERNEL, "vadd with EN clear: trap");
    write_fpexc(EN);
    equal(probe(kernel_vadd, 0, 0), NO_TRAP, "vadd with EN set: trap");
    open_coprocessors(0);
    equal(probe(kernel_vadd, 0, 0), UNDEFINED_KERNEL, "vadd with CPACR closed again: trap");
    open_coprocessors(FULL);
    equal(probe(kernel_vadd, 0, 0), NO_TRAP, "vadd with CPACR open again: trap");
}

TEST_ON(ARMV6 | ARMV7 | NOT_NATIVE, zeros, "the first registers that a guest sees are zeros")
{
    u32 words[VFP_WORDS];
    open_vfp();
    equal(read_fpscr(), 0, "FPSCR");
    store_lower(words);
    for (u32 n = 2; n != VFP_WORDS; ++n) // d0 was used above
        CHECK(words[n] == 0, "word %u is %x", n, words[n]);
}

TEST(identification, "FPSID, MVFR0 and FPEXC read as they should")
{
    open_vfp();
    equal(read_fpsid() >> 24, 0x41, "FPSID's implementer");
    equal(read_mvfr0() & 0xf, ARCH == ARMV7 ? 2 : 1, "MVFR0's number of registers");
    equal(read_fpexc() & EN, EN, "FPEXC");
    write_fpexc(0);
    equal(read_fpexc() & EN, 0, "FPEXC");
}

TEST_ON(ARMV7, no_fpinst, "VFPv3 has no FPINST")
{
    open_vfp();
    equal(probe(kernel_vmrs_fpinst, 0, 0), UNDEFINED_KERNEL, "kind of trap");
}

TEST(registers, "registers and FPSCR keep what is written across closing and opening")
{
    u32 in[VFP_WORDS], out[VFP_WORDS], seed = 77;
    for (u32 n = 0; n != VFP_WORDS; ++n)
        in[n] = next_random(&seed);
    open_vfp();
    load_lower(in);
    write_fpscr(0x03000000);
    write_fpexc(0);
    equal(probe(kernel_vadd, 0, 0), UNDEFINED_KERNEL, "kind of trap");
    write_fpexc(EN);
    store_lower(out);
    equal(read_fpscr(), 0x03000000, "FPSCR");
    write_fpscr(0);
    for (u32 n = 0; n != VFP_WORDS; ++n)
        CHECK(out[n] == in[n], "word %u is %x, not %x", n, out[n], in[n]);
}

TEST_ON(ARMV7, upper_registers, "all 32 registers are there")
{
    u32 in[VFP_WORDS], out[VFP_WORDS], seed = 99;
    for (u32 n = 0; n != VFP_WORDS; ++n)
        in[n] = next_random(&seed);
    open_vfp();
    load_upper(in);
    write_fpexc(0);
    write_fpexc(EN);
    store_upper(out);
    for (u32 n = 0; n != VFP_WORDS; ++n)
        CHECK(out[n] == in[n], "word %u is %x, not %x", n, out[n], in[n]);
}

TEST(user, "guest user computes with VFP")
{
    mmu_on();
    open_vfp();
    equal(run_user(user_address(user_vfp), 0, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[0], 0, "lower word of 3.0");
    equal(trap.frame.r[1], 0x40080000, "upper word of 3.0");
}

TEST(same_registers, "guest user and guest kernel use the same registers")
{
    u32 words[VFP_WORDS] = {0};
    mmu_on();
    open_vfp();
    words[10] = 0x1234;
    load_lower(words);
    equal(run_user(user_address(user_exchange), 0x5678, 0), SVC_USER, "kind of trap");
    equal(trap.frame.r[2], 0x1234, "d5 as guest user finds it");
    store_lower(words);
    equal(words[10], 0x5678, "d5 as guest kernel finds it");
}

TEST(lazy, "the kernel may open VFP for its user when that needs it")
{
    mmu_on();
    open_vfp();
    write_fpexc(0);
    equal(run_user(user_address(user_vfp), 0, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_vfp_at), "pc");
    write_fpexc(EN);
    struct vambrace_frame const f = trap.frame;
    equal(run_user_frame(&f), SVC_USER, "kind of trap");
    equal(trap.frame.r[1], 0x40080000, "upper word of 3.0");
}

TEST(user_system, "guest user has no access to FPEXC")
{
    mmu_on();
    open_vfp();
    equal(run_user(user_address(user_vmrs_fpexc), 0, 0), UNDEFINED_USER, "kind of trap");
    equal(trap.frame.pc, user_address(user_vmrs_fpexc_at), "pc");
    write_fpexc(0);
    equal(run_user(user_address(user_vmrs_fpexc), 0, 0), UNDEFINED_USER, "kind of trap");
}

#if __ARM_ARCH >= 7
extern char user_neon_thumb[];

TEST_ON(ARMV7, thumb, "Thumb-2 code uses NEON, and VFP in an IT block")
{
    mmu_on();
    open_vfp();
    struct vambrace_frame const f = {
        .sp = USER_STACK_END, .pc = user_address(user_neon_thumb), .psr = VAMBRACE_PSR_USER | THUMB};
    equal(run_user_frame(&f), SVC_USER, "kind of trap");
    equal(trap.frame.r[0], 0x06060606, "sums of bytes");
    equal(trap.frame.r[1], 0x06060606, "sums of bytes");
}
#endif
