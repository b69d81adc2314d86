/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls from a paravirtual guest to the Vambrace hypervisor: those of calls.h,
 * which hypercalls.def lists, and what Linux adds.
 */
#ifndef __ASM_VAMBRACE_HYPERCALL_H
#define __ASM_VAMBRACE_HYPERCALL_H

#include <asm/vambrace/abi.h>
#include <asm/vambrace/alternative.h>

#ifdef __ASSEMBLY__

	/* Clobbers r0 and what the call returns results in. */
	.macro	vambrace_call, name:req
	mov	r0, #VAMBRACE_FUNCTION_BASE
	.if	VAMBRACE_NR_\name
	orr	r0, r0, #VAMBRACE_NR_\name
	.endif
	svc	#0
	.endm

#else

#include <linux/types.h>
#include <asm/vambrace/calls.h>

struct mm_struct;

#define VAMBRACE_SHARED ((volatile struct vambrace_shared *)VAMBRACE_SHARED_VA)

/*
 * A call on a range of addresses that the hypervisor does in bounded pieces:
 * r2 and r3, address and size, come back as what is left to do.
 */
static inline void vambrace_call_range(u32 function, u32 what, u32 start, u32 size)
{
	struct vambrace_answer left = vambrace_call(function, what, start, size);

	while (left.r0 == VAMBRACE_AGAIN)
		left = vambrace_call(function, what, left.r2, left.r3);
}

static inline void vambrace_cache_op(u32 operation, unsigned long start, unsigned long size)
{
	vambrace_call_range(VAMBRACE_FUNCTION(CACHE_OP), operation, start, size);
}

struct page;
struct vm_area_struct;

void vambrace_copy_user_highpage(struct page *to, struct page *from,
				 unsigned long vaddr, struct vm_area_struct *vma);
void vambrace_clear_user_highpage(struct page *page, unsigned long vaddr);
extern bool vambrace_pages_were_written;
void vambrace_setup_processor(void);
void vambrace_init_traps(void);
void vambrace_alignment_off(unsigned long cr);
void vambrace_init_linear_map(void);
void vambrace_apply_alternatives(const void *table, unsigned long size);

#endif /* __ASSEMBLY__ */

#endif /* __ASM_VAMBRACE_HYPERCALL_H */
