// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest of the Vambrace hypervisor: trap entry points, thread-local storage,
 * power.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/pm.h>
#include <linux/reboot.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <uapi/linux/psci.h>
#include <asm/cp15.h>
#include <asm/ptrace.h>
#include <asm/system_misc.h>
#include <asm/tls.h>
#include <asm/traps.h>
#include <asm/vambrace/hypercall.h>

#define ENTRIES(X, suffix)					\
	X(svc_user,		vambrace_swi##suffix)		\
	X(undefined_user,	vambrace_und_usr##suffix)	\
	X(prefetch_abort_user,	vambrace_pabt_usr##suffix)	\
	X(data_abort_user,	vambrace_dabt_usr##suffix)	\
	X(irq_user,		vambrace_irq_usr##suffix)	\
	X(undefined_kernel,	vambrace_und_svc##suffix)	\
	X(prefetch_abort_kernel, vambrace_pabt_svc##suffix)	\
	X(data_abort_kernel,	vambrace_dabt_svc##suffix)	\
	X(irq_kernel,		vambrace_irq_svc##suffix)
#define DECLARE(field, entry)	asmlinkage void entry(void);
#define ADDRESS(field, entry)	.field = (u32)entry,

ENTRIES(DECLARE, )
ENTRIES(DECLARE, _unchecked)
asmlinkage void vambrace_bad_stack(void);

static u64 emergency_stack[SZ_4K / sizeof(u64)];

/* The second is for as long as the alignment check is off. */
static struct vambrace_vectors vectors[] = { {
	ENTRIES(ADDRESS, )
	.double_fault		= (u32)vambrace_bad_stack,
	.emergency_stack	= (u32)&emergency_stack[ARRAY_SIZE(emergency_stack)],
}, {
	ENTRIES(ADDRESS, _unchecked)
	.double_fault		= (u32)vambrace_bad_stack,
	.emergency_stack	= (u32)&emergency_stack[ARRAY_SIZE(emergency_stack)],
} };

/* For modules: head.S does it for the kernel. */
void vambrace_apply_alternatives(const void *table, unsigned long size)
{
	const s32 *entry;

	for (entry = table; (void *)entry < table + size; entry += 2)
		*(s32 *)((char *)entry + entry[0]) = entry[1];
}

static void notrace set_vectors(unsigned int which)
{
	vectors[which].user_frame = (u32)task_pt_regs(current);
	if (vambrace_call_set_vectors((u32)&vectors[which]))
		panic("Vambrace: SET_VECTORS failed");
}

void vambrace_init_traps(void)
{
	struct vambrace_answer revision = vambrace_call(VAMBRACE_REVISION, 0, 0, 0);

	if (revision.r0 != VAMBRACE_ABI_VERSION || revision.r1 < VAMBRACE_ABI_MINOR)
		panic("The hypervisor's interface is revision %u.%u; this kernel needs %u.%u",
		      revision.r0, revision.r1, VAMBRACE_ABI_VERSION, VAMBRACE_ABI_MINOR);
	set_vectors(0);
}

/*
 * User space goes on without the alignment check until the next trap.
 * Natively each entry looks for that in SCTLR; here it would be a trap, so
 * the entry points are others meanwhile. Interrupts are masked.
 */
void vambrace_alignment_off(unsigned long cr)
{
	set_vectors(1);
	set_cr(cr);
}

asmlinkage void notrace vambrace_alignment_on(void)
{
	set_cr(cr_alignment);
	set_vectors(0);
}

/* The stack pointer led nowhere: called on the emergency stack. */
asmlinkage void vambrace_double_fault(unsigned long addr, unsigned int fsr,
				      struct pt_regs *regs)
{
	console_verbose();
	bust_spinlocks(1);
	pr_emerg("No kernel stack at 0x%08lx (fault status 0x%x)\n", addr, fsr);
	die("kernel stack fault", regs, fsr);
	panic("kernel stack fault");
}

/* The thread pointer that user space reads, at any time. */
unsigned long vambrace_tls;

static void vambrace_power_off(void)
{
	vambrace_call(PSCI_0_2_FN_SYSTEM_OFF, 0, 0, 0);
}

static int vambrace_restart(struct notifier_block *nb, unsigned long action, void *data)
{
	vambrace_call(PSCI_0_2_FN_SYSTEM_RESET, 0, 0, 0);
	return NOTIFY_DONE;
}

static struct notifier_block vambrace_restart_nb = {
	.notifier_call	= vambrace_restart,
	.priority	= 129,
};

static int __init vambrace_init_power(void)
{
	if (!vambrace_guest())
		return 0;
	pm_power_off = vambrace_power_off;
	return register_restart_handler(&vambrace_restart_nb);
}
arch_initcall(vambrace_init_power);
