// SPDX-License-Identifier: GPL-2.0-only
/*
 * The paravirtual interrupt controller of the Vambrace hypervisor: 32 lines,
 * whose pending bits lie in the shared page.
 *
 * The hypervisor raises a line when something happens, and again if it is not
 * dealt with, so lines are handled as edges and an interrupt costs no
 * hypercall.
 */
#include <linux/irq.h>
#include <linux/irqchip.h>
#include <linux/irqdomain.h>
#include <linux/of.h>

#include <asm/cmpxchg.h>
#include <asm/exception.h>
#include <asm/vambrace/hypercall.h>

static struct irq_domain *vambrace_domain;

static void vambrace_irq_enable(struct irq_data *d, u32 enable)
{
	vambrace_call_irq_enable(irqd_to_hwirq(d), enable);
}

static void vambrace_irq_mask(struct irq_data *d)
{
	vambrace_irq_enable(d, 0);
}

static void vambrace_irq_unmask(struct irq_data *d)
{
	vambrace_irq_enable(d, 1);
}

/* The pending bit was taken before the handler was called. */
static void vambrace_irq_ack(struct irq_data *d)
{
}

static struct irq_chip vambrace_irq_chip = {
	.name		= "vambrace",
	.irq_ack	= vambrace_irq_ack,
	.irq_mask	= vambrace_irq_mask,
	.irq_unmask	= vambrace_irq_unmask,
	.flags		= IRQCHIP_SKIP_SET_WAKE,
};

/* The timer's, as a processor's own timer is: nobody shares it, and no time is taken for the entropy pool. */
static struct irq_chip vambrace_timer_chip = {
	.name		= "vambrace",
	.irq_mask	= vambrace_irq_mask,
	.irq_unmask	= vambrace_irq_unmask,
	.flags		= IRQCHIP_SKIP_SET_WAKE,
};

static void __exception_irq_entry vambrace_handle_irq(struct pt_regs *regs)
{
	u32 *word = (u32 *)(VAMBRACE_SHARED_VA + VAMBRACE_SHARED_IRQ_PENDING);
	u32 pending;

	while (READ_ONCE(*word)) {
		pending = xchg(word, 0);
		do {
			generic_handle_domain_irq(vambrace_domain, __ffs(pending));
			pending &= pending - 1;
		} while (pending);
	}
}

static int vambrace_irq_map(struct irq_domain *d, unsigned int virq, irq_hw_number_t hwirq)
{
	if (hwirq == VAMBRACE_IRQ_TIMER) {
		irq_set_percpu_devid(virq);
		irq_set_chip_and_handler(virq, &vambrace_timer_chip, handle_percpu_devid_irq);
	} else {
		irq_set_chip_and_handler(virq, &vambrace_irq_chip, handle_edge_irq);
	}
	return 0;
}

static const struct irq_domain_ops vambrace_irq_ops = {
	.map	= vambrace_irq_map,
	.xlate	= irq_domain_xlate_onecell,
};

static int __init vambrace_irq_init(struct device_node *node, struct device_node *parent)
{
	vambrace_domain = irq_domain_add_linear(node, VAMBRACE_IRQ_COUNT,
						&vambrace_irq_ops, NULL);
	if (!vambrace_domain)
		return -ENOMEM;
	set_handle_irq(vambrace_handle_irq);
	return 0;
}
IRQCHIP_DECLARE(vambrace, "vambrace,pv-irq", vambrace_irq_init);
