/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB maintenance of a Vambrace guest.
 *
 * The hypervisor keeps what it read from the guest's page tables for every
 * table base, across address-space switches. So each flush names the base it
 * is for, and none is left out because that table is not the current one.
 * Page tables themselves are read where the guest wrote them.
 */
#ifndef __ASM_VAMBRACE_TLBFLUSH_H
#define __ASM_VAMBRACE_TLBFLUSH_H

#include <linux/align.h>
#include <linux/mm_types.h>
#include <asm/memory.h>
#include <asm/vambrace/hypercall.h>

extern struct mm_struct init_mm;

/* The size of the pages that hold [start, end). */
static inline u32 vambrace_pages(u32 start, u32 end)
{
	return ALIGN(end, PAGE_SIZE) - (start & PAGE_MASK);
}

/* In a guest flush and return true. */
static __always_inline bool vambrace_flush_tlb(const struct mm_struct *mm, u32 start, u32 size)
{
	if (!vambrace_guest())
		return false;
	/* The kernel's part of init_mm is in every table. */
	if (mm == &init_mm)
		vambrace_call_range(VAMBRACE_FUNCTION(TLB_FLUSH), VAMBRACE_ALL_TABLES, start, size);
	else if (size == VAMBRACE_ALL_ADDRESSES && !atomic_read(&mm->mm_users))
		/* Nobody will run in it again: one call instead of a look at each page. */
		vambrace_call_forget_table(virt_to_phys(mm->pgd));
	else
		vambrace_call_range(VAMBRACE_FUNCTION(TLB_FLUSH), virt_to_phys(mm->pgd), start, size);
	return true;
}

#endif /* __ASM_VAMBRACE_TLBFLUSH_H */
