/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One kernel for the bare core and for the Vambrace hypervisor.
 *
 * The code is the native code. Where a guest, which runs in USR mode, needs
 * something else, a table holds the place and the instruction that replaces
 * the one there: mostly a branch to code out of line. head.S and the module
 * loader apply the table if the processor is in USR mode.
 */
#ifndef __ASM_VAMBRACE_ALTERNATIVE_H
#define __ASM_VAMBRACE_ALTERNATIVE_H

/*
 * The table for what the kernel keeps in a thread register and in memory as
 * well. A guest reads memory: its thread registers are user space's. Kernels
 * for the ARM1136, which has no such register, do so on all uniprocessors.
 */
#ifdef CONFIG_CPU_V6
#define ALT_MEMORY	".alt.smp.init"
#elif defined(CONFIG_VAMBRACE_GUEST)
#define ALT_MEMORY	".alt.pv.init"
#endif

#ifdef __ASSEMBLY__

	@ In a guest insn replaces the instruction that follows.
	.macro	alt_pv, insn:vararg
#ifdef CONFIG_VAMBRACE_GUEST
9997:
	.pushsection ".alt.pv.init", "a"
	.align	2
	.long	9997b - .
	\insn
	.popsection
#endif
	.endm

	@ In a guest the instruction that follows is a branch to label, which
	@ has to be in the same section.
	.macro	alt_pv_branch, label:req
	alt_pv	b . + (\label - 9997b)
	.endm

	@ In a guest function is called instead of the one that begins here.
	.macro	alt_pv_function, function:req
#ifdef CONFIG_VAMBRACE_GUEST
	alt_pv_branch .Lpv_\@
	.subsection 1
.Lpv_\@: b	\function
	.previous
#endif
	.endm

#else

#include <linux/types.h>

#ifdef CONFIG_VAMBRACE_GUEST

/* In a guest insn replaces the instruction that follows. */
#define ALT_PV(insn)						\
	"9997:	.pushsection \".alt.pv.init\", \"a\"\n"		\
	"	.align	2\n"					\
	"	.long	9997b - .\n"				\
	"	" insn "\n"					\
	"	.popsection\n"

/* In a guest the instruction that follows is a branch to code. */
#define ALT_PV_CODE(code)					\
	ALT_PV("b . + (9996f - 9997b)")				\
	"	.subsection 1\n"				\
	"9996:	" code "\n"					\
	"	.previous\n"

/* Whether this is a guest; natively a nop. */
static __always_inline bool vambrace_guest(void)
{
	asm goto(ALT_PV("b . + (%l[guest] - 9997b)")
		 "	nop\n" : : : : guest);
	return false;
guest:
	return true;
}

#else

#define ALT_PV(insn)
#define ALT_PV_CODE(code)
static __always_inline bool vambrace_guest(void)
{
	return false;
}

#endif /* CONFIG_VAMBRACE_GUEST */

#endif /* __ASSEMBLY__ */

#endif /* __ASM_VAMBRACE_ALTERNATIVE_H */
