// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processor and cache functions of a Vambrace guest, page copies and the
 * linear map.
 *
 * Linux says as on the bare core which addresses have to be written back or
 * dropped; a range costs one hypercall, however many lines it has.
 */
#include <linux/dma-direction.h>
#include <linux/highmem.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <asm/cacheflush.h>
#include <asm/cachetype.h>
#include <asm/memory.h>
#include <asm/page.h>
#include <asm/proc-fns.h>
#include <asm/vambrace/hypercall.h>

#include "mm.h"

/* Unmasks interrupts and returns when one has been taken. */
int vambrace_do_idle(void)
{
	return vambrace_call_idle(1);
}

void vambrace_switch_mm(phys_addr_t pgd_phys, struct mm_struct *mm)
{
	vambrace_call_switch_table(pgd_phys);
}

void vambrace_flush_icache_all(void)
{
	vambrace_cache_op(VAMBRACE_CACHE_CODE_ALL, 0, 0);
}

void vambrace_flush_cache_all(void)
{
	vambrace_cache_op(VAMBRACE_CACHE_ALL, 0, 0);
}

/* Where data caches have no aliases user addresses need nothing. */
void vambrace_flush_user_range(unsigned long start, unsigned long end, unsigned int flags)
{
	if (!cache_is_vivt())
		return;
	vambrace_cache_op(VAMBRACE_CACHE_CLEAN_INVALIDATE, start, end - start);
	if (flags & VM_EXEC)
		vambrace_flush_icache_all();
}

int vambrace_coherent_range(unsigned long start, unsigned long end)
{
	vambrace_cache_op(VAMBRACE_CACHE_SYNC_CODE, start, end - start);
	return 0;
}

void vambrace_flush_dcache_area(void *addr, size_t size)
{
	vambrace_cache_op(VAMBRACE_CACHE_CLEAN_INVALIDATE, (unsigned long)addr, size);
	if (cache_is_vivt())
		vambrace_flush_icache_all();
}

void vambrace_dma_map_area(const void *addr, size_t size, int direction)
{
	u32 operation = direction == DMA_TO_DEVICE ? VAMBRACE_CACHE_CLEAN :
			direction == DMA_FROM_DEVICE ? VAMBRACE_CACHE_INVALIDATE :
			VAMBRACE_CACHE_CLEAN_INVALIDATE;

	vambrace_cache_op(operation, (unsigned long)addr, size);
}

void vambrace_dma_flush_range(const void *start, const void *end)
{
	vambrace_cache_op(VAMBRACE_CACHE_CLEAN_INVALIDATE, (unsigned long)start, end - start);
}

/* Pages were written since all instructions were invalidated. */
bool vambrace_pages_were_written = true;

/* Is the page in the same lines of an aliasing data cache under both addresses? */
static bool is_same_line(struct page *page, unsigned long vaddr)
{
	return !cache_is_vivt() &&
	       CACHE_COLOUR((unsigned long)page_address(page)) == CACHE_COLOUR(vaddr);
}

/*
 * A page that user space is about to see was written through its kernel
 * address: where that is another cache line, or instructions will be fetched,
 * write it back and drop it, so that nobody has to do it later.
 */
static noinline void vambrace_publish_page(struct page *page, unsigned long vaddr, bool exec)
{
	if (exec || !is_same_line(page, vaddr))
		vambrace_cache_op(VAMBRACE_CACHE_CLEAN_INVALIDATE,
				  (unsigned long)page_address(page), PAGE_SIZE);
	vambrace_pages_were_written = true;
	set_bit(PG_dcache_clean, &page->flags);
}

static noinline void copy_aliasing_page(struct page *to, struct page *from,
					unsigned long vaddr, struct vm_area_struct *vma)
{
	if (cache_is_vivt())
		flush_cache_page(vma, vaddr, page_to_pfn(from));
	else if (!is_same_line(from, vaddr))
		vambrace_cache_op(VAMBRACE_CACHE_PAGE, page_to_phys(from), vaddr);
	copy_page(page_address(to), page_address(from));
	vambrace_publish_page(to, vaddr, vma->vm_flags & VM_EXEC);
}

void vambrace_copy_user_highpage(struct page *to, struct page *from,
				 unsigned long vaddr, struct vm_area_struct *vma)
{
	if (cache_is_vipt_nonaliasing())
		copy_page(page_address(to), page_address(from));
	else
		copy_aliasing_page(to, from, vaddr, vma);
}

void vambrace_clear_user_highpage(struct page *page, unsigned long vaddr)
{
	clear_page(page_address(page));
	if (!cache_is_vipt_nonaliasing())
		vambrace_publish_page(page, vaddr, false);
}

#ifdef MULTI_CPU
static void vambrace_dcache_clean_area(void *addr, int size)
{
	/* The hypervisor reads page tables where they were written. */
}

static void vambrace_dma_unmap_area(const void *addr, size_t size, int direction)
{
	if (direction != DMA_TO_DEVICE)
		vambrace_cache_op(VAMBRACE_CACHE_INVALIDATE, (unsigned long)addr, size);
}

static void vambrace_coherent_kern_range(unsigned long start, unsigned long end)
{
	vambrace_coherent_range(start, end);
}

static const struct cpu_cache_fns vambrace_cache_fns __initconst = {
	.flush_icache_all	= vambrace_flush_icache_all,
	.flush_kern_all		= vambrace_flush_cache_all,
	.flush_kern_louis	= vambrace_flush_cache_all,
	.flush_user_all		= vambrace_flush_cache_all,
	.flush_user_range	= vambrace_flush_user_range,
	.coherent_kern_range	= vambrace_coherent_kern_range,
	.coherent_user_range	= vambrace_coherent_range,
	.flush_kern_dcache_area	= vambrace_flush_dcache_area,
	.dma_map_area		= vambrace_dma_map_area,
	.dma_unmap_area		= vambrace_dma_unmap_area,
	.dma_flush_range	= vambrace_dma_flush_range,
};

/* Called when the functions of the core are known: take those it may not do. */
void __init vambrace_setup_processor(void)
{
	processor._do_idle = vambrace_do_idle;
	processor.dcache_clean_area = vambrace_dcache_clean_area;
	processor.switch_mm = vambrace_switch_mm;
	cpu_cache = vambrace_cache_fns;
	cpu_user.cpu_clear_user_highpage = vambrace_clear_user_highpage;
	cpu_user.cpu_copy_user_highpage = vambrace_copy_user_highpage;
}
#else
/* The functions of the core were replaced where they are. */
void __init vambrace_setup_processor(void)
{
}
#endif

/* The hypervisor reads page tables at the address they are written at. */
void __init vambrace_init_linear_map(void)
{
	vambrace_call_set_linear_map(PAGE_OFFSET, PHYS_OFFSET,
				     round_down(arm_lowmem_limit - PHYS_OFFSET, SZ_1M));
}
