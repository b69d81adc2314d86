/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls from a paravirtual guest to the Vambrace hypervisor.
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

struct mm_struct;

#define VAMBRACE_SHARED ((volatile struct vambrace_shared *)VAMBRACE_SHARED_VA)

/* r1..r3 are results of some calls: args[] is read and written. */
static inline int vambrace_call_args(u32 function, u32 args[3])
{
	register u32 r0 asm("r0") = function;
	register u32 r1 asm("r1") = args[0];
	register u32 r2 asm("r2") = args[1];
	register u32 r3 asm("r3") = args[2];

	asm volatile("svc	#0"
		     : "+r" (r0), "+r" (r1), "+r" (r2), "+r" (r3)
		     : : "memory", "cc");
	args[0] = r1;
	args[1] = r2;
	args[2] = r3;
	return r0;
}

static inline int vambrace_call(u32 function, u32 a, u32 b, u32 c)
{
	u32 args[3] = { a, b, c };

	return vambrace_call_args(function, args);
}

/*
 * A call on a range of addresses that the hypervisor does in bounded pieces:
 * r2 and r3, address and size, come back as what is left to do.
 */
static inline void vambrace_call_range(u32 function, u32 what, u32 start, u32 size)
{
	u32 args[3] = { what, start, size };

	while (vambrace_call_args(function, args) == VAMBRACE_AGAIN)
		args[0] = what;
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
