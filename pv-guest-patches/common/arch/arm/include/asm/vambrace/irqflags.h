/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual interrupt mask of a Vambrace guest: a word at the beginning of
 * the shared page, of which bit 7, the place of PSR_I_BIT, counts. Guest and
 * hypervisor store two values: the page's own address to unmask, plus 128 to
 * mask. So saved flags are also where to store them: either in the mask, or
 * in a word that nobody looks at, if there is nothing to unmask.
 */
#ifndef __ASM_VAMBRACE_IRQFLAGS_H
#define __ASM_VAMBRACE_IRQFLAGS_H

#include <linux/stringify.h>
#include <asm/vambrace/abi.h>
#include <asm/vambrace/alternative.h>

#define PV_SHARED(reg)		"mov	" reg ", #" __stringify(VAMBRACE_SHARED_VA) "\n"
#define PV_LOAD_FLAGS(flags, reg) "ldr	" flags ", [" reg "], #128\n"
#define PV_STORE_MASKED(reg)	"str	" reg ", [" reg ", #-128]\n"
#define PV_STORE_ENABLED(reg)	"str	" reg ", [" reg "]\n"

/* Continue so many bytes after the instruction that was replaced. */
#define PV_CONTINUE(bytes)	"b	9997b + " #bytes

#define PV_IRQ_SAVE(flags, temp)	\
	PV_SHARED(temp) PV_LOAD_FLAGS(flags, temp) PV_STORE_MASKED(temp)
#define PV_IRQ_ENABLE(temp)		\
	PV_SHARED(temp) PV_STORE_ENABLED(temp)
#define PV_IRQ_DISABLE(temp)		\
	PV_SHARED(temp) "add	" temp ", " temp ", #128\n" PV_STORE_MASKED(temp)
#define PV_SAVE_FLAGS(flags)		\
	PV_SHARED(flags) "ldr	" flags ", [" flags "]\n"
#define PV_IRQ_RESTORE(flags)	"str	" flags ", [" flags "]\n"

#endif /* __ASM_VAMBRACE_IRQFLAGS_H */
