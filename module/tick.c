// SPDX-License-Identifier: GPL-2.0-only
#include "tick.h"

#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "clock.h"
#include "compat/compat.h"
#include "facilities/facility.h"

/* Without a tick for this many periods, the CPU has none. */
#define TICK_PERIODS_MAX	4

/* No operation begins in the last part of a period: a rare slow one must end in it, too. */
#define TICK_PARTS		16

/* Attempts to learn the period, and to find room for an operation. */
#define TICK_TRIES		3

/**
 * struct tick - tick of a CPU
 * @period: clock ticks between two timer ticks; 0: unknown
 * @next: expected clock value of the next one
 * @seen: jiffies when @next was set; a timer tick adds one, on some machines two
 * @search: jiffies at which to look for a tick again if there was none
 */
struct tick {
	u64 period;
	u64 next;
	unsigned long seen;
	unsigned long search;
};

/* When a tick came: clock value before its interrupt, and time. */
struct tick_moment {
	u64 clock;
	u64 ns;
};

static DEFINE_PER_CPU(struct tick, tick_here) = { .search = INITIAL_JIFFIES };

/*
 * Wait until this CPU has taken an interrupt and jiffies has changed, which another CPU may do.
 * No cpu_relax(): an emulator ends its block of code there.
 */
static bool tick_wait(struct tick_moment *tick)
{
	const u64 deadline = ktime_get_ns() + TICK_PERIODS_MAX * (u64)TICK_NSEC;
	const unsigned long before = READ_ONCE(jiffies);
	unsigned int interrupts = compat_interrupts_here();
	bool interrupted = false;
	u64 clock, now;

	do {
		clock = kmemlab_clock_end();
		now = ktime_get_ns();
		if (compat_interrupts_here() != interrupts) {
			interrupts = compat_interrupts_here();
			interrupted = true;
			*tick = (struct tick_moment){ .clock = clock, .ns = now };
		}
		if (interrupted && READ_ONCE(jiffies) != before)
			return true;
	} while (now < deadline);
	return false;
}

/* Learn the period from two ticks. Other interrupts, and threads that ran meanwhile, spoil it. */
static bool tick_find(struct tick *tick)
{
	struct tick_moment first, second;
	unsigned int i;
	u64 ns;

	for (i = 0; i < TICK_TRIES && tick_wait(&first) && tick_wait(&second); i++) {
		ns = second.ns - first.ns;
		if (ns < TICK_NSEC - TICK_NSEC / 8 || ns > TICK_NSEC + TICK_NSEC / 8)
			continue;
		tick->period = second.clock - first.clock;
		tick->next = second.clock + tick->period;
		tick->seen = READ_ONCE(jiffies);
		return true;
	}
	return false;
}

/* Look for the tick again later: the CPU may have none at times (nohz_full). */
static void tick_forget(struct tick *tick)
{
	tick->period = 0;
	tick->search = READ_ONCE(jiffies) + HZ;
}

/* Skip the ticks since the last call. */
static void tick_follow(struct tick *tick, u64 now)
{
	const unsigned long seen = READ_ONCE(jiffies);

	if (seen == tick->seen || now < tick->next)
		return;
	tick->seen = seen;
	tick->next += (div64_u64(now - tick->next, tick->period) + 1) * tick->period;
}

/* Wait if an operation of @longest clock ticks may not end in time. Return true if it may begin. */
static bool tick_has_room(struct tick *tick, u64 longest)
{
	const u64 now = kmemlab_clock_end();
	struct tick_moment moment;
	u64 room;

	tick_follow(tick, now);
	room = clamp(longest + longest / 4, tick->period / TICK_PARTS, tick->period / 4 * 3);
	if (likely((s64)(tick->next - now) > (s64)room))
		return true;
	if (!tick_wait(&moment)) {
		tick_forget(tick);
		return true;
	}
	tick->next = moment.clock + tick->period;
	tick->seen = READ_ONCE(jiffies);
	return false;
}

/**
 * kmemlab_tick_avoid() - wait until an operation fits in before the next timer tick
 * @ctx: experiment
 * @longest: clock ticks of the longest operation so far
 *
 * A long operation is hit more often than a short one. If those that are hit are left out,
 * the mean is too low, and if not, it includes the interrupts. Only operations that take
 * most of a period are still hit. Threads that wait for the CPU run now, not in the operation.
 * Does nothing if interrupts are disabled, or if the experiment does not ask for it: its
 * throughput would be too low.
 */
void kmemlab_tick_avoid(const struct kmemlab_facility_ctx *ctx, u64 longest)
{
	struct tick *tick = raw_cpu_ptr(&tick_here);
	unsigned int i;

	if (!ctx->avoid_ticks || irqs_disabled())
		return;
	if (unlikely(!tick->period)) {
		if (time_before(jiffies, tick->search))
			return;
		if (!tick_find(tick)) {
			tick_forget(tick);
			return;
		}
	}
	for (i = 0; i < TICK_TRIES; i++) {
		if (!in_interrupt())
			cond_resched();
		if (tick_has_room(tick, longest))
			return;
	}
}
