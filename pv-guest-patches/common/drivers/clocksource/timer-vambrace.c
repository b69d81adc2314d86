// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time under the Vambrace hypervisor: nanoseconds since the board started.
 *
 * Where the board has a counter that may be mapped into guests, time is
 * computed from it and the shared page without a trap. A timer interrupt is
 * asked for when it is needed, so there is no periodic tick.
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/of_irq.h>
#include <linux/sched_clock.h>

#include <asm/vambrace/hypercall.h>

static u64 notrace vambrace_time_call(void)
{
	struct vambrace_answer now = vambrace_call_time_get();

	return (u64)now.r2 << 32 | now.r1;
}

static u64 notrace vambrace_time(void)
{
	volatile struct vambrace_shared *shared = VAMBRACE_SHARED;
	u32 sequence, ticks, shift, mult;
	u64 ns;

	if (!(shared->clock_flags & VAMBRACE_CLOCK_MAPPED))
		return vambrace_time_call();
	do {
		sequence = shared->clock_sequence;
		ns = (u64)shared->clock_ns[1] << 32 | shared->clock_ns[0];
		ticks = *(volatile u32 *)(VAMBRACE_COUNTER_VA + shared->clock_offset) -
			shared->clock_ticks;
		mult = shared->clock_mult;
		shift = shared->clock_shift;
	} while ((sequence & 1) || sequence != shared->clock_sequence);
	return ns + ((u64)ticks * mult >> shift);
}

static u64 vambrace_clocksource_read(struct clocksource *cs)
{
	return vambrace_time();
}

static struct clocksource vambrace_clocksource = {
	.name	= "vambrace",
	.rating	= 400,
	.read	= vambrace_clocksource_read,
	.mask	= CLOCKSOURCE_MASK(64),
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS,
};

/* Where the counter is mapped it serves as it is: one load. */
static volatile u32 *vambrace_counter;

static u64 vambrace_counter_read(struct clocksource *cs)
{
	return *vambrace_counter;
}

static struct clocksource vambrace_counter_clocksource = {
	.name	= "vambrace-counter",
	.rating	= 400,
	.read	= vambrace_counter_read,
	.mask	= CLOCKSOURCE_MASK(32),
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS,
};

static u64 notrace vambrace_counter_sched_clock(void)
{
	return *vambrace_counter;
}

static unsigned long vambrace_delay_read(void)
{
	return vambrace_time();
}

static struct delay_timer vambrace_delay_timer = {
	.read_current_timer	= vambrace_delay_read,
	.freq			= NSEC_PER_SEC,
};

static int vambrace_set_next_event(unsigned long delta, struct clock_event_device *evt)
{
	vambrace_call_timer_start(delta);
	return 0;
}

static int vambrace_shutdown(struct clock_event_device *evt)
{
	vambrace_call_timer_set(~0, ~0);
	return 0;
}

static struct clock_event_device vambrace_clockevent = {
	.name			= "vambrace",
	.features		= CLOCK_EVT_FEAT_ONESHOT,
	.rating			= 400,
	.set_next_event		= vambrace_set_next_event,
	.set_state_shutdown	= vambrace_shutdown,
	.set_state_oneshot_stopped = vambrace_shutdown,
	.cpumask		= cpu_possible_mask,
};

static DEFINE_PER_CPU(struct clock_event_device *, vambrace_timer_id);

static irqreturn_t vambrace_timer_interrupt(int irq, void *data)
{
	vambrace_clockevent.event_handler(&vambrace_clockevent);
	return IRQ_HANDLED;
}

static int __init vambrace_timer_init(struct device_node *node)
{
	int irq = irq_of_parse_and_map(node, 0);
	int err;

	if (!irq)
		return -EINVAL;
	err = __request_percpu_irq(irq, vambrace_timer_interrupt, IRQF_TIMER, "vambrace-timer",
				   &vambrace_timer_id);
	if (err)
		return err;
	enable_percpu_irq(irq, IRQ_TYPE_NONE);

	register_current_timer_delay(&vambrace_delay_timer);
	clockevents_config_and_register(&vambrace_clockevent, NSEC_PER_SEC, 1000, ULONG_MAX);
	if (!(VAMBRACE_SHARED->clock_flags & VAMBRACE_CLOCK_MAPPED)) {
		sched_clock_register(vambrace_time, 64, NSEC_PER_SEC);
		return clocksource_register_hz(&vambrace_clocksource, NSEC_PER_SEC);
	}
	vambrace_counter = (u32 *)(VAMBRACE_COUNTER_VA + VAMBRACE_SHARED->clock_offset);
	sched_clock_register(vambrace_counter_sched_clock, 32, VAMBRACE_SHARED->clock_hz);
	return clocksource_register_hz(&vambrace_counter_clocksource, VAMBRACE_SHARED->clock_hz);
}
TIMER_OF_DECLARE(vambrace, "vambrace,pv-timer", vambrace_timer_init);
