// SPDX-License-Identifier: GPL-2.0
#include "settle.h"

#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "clock.h"
#include "probes.h"

/*
 * What the only CPU does: the idle task's time is no work, interrupts that come in it
 * included (the timer's would drown all else), but for callbacks after a grace period.
 */
static struct {
	u64 idle;
	u64 idle_begin;
	u64 callbacks_begin;
} cpu;

/* One wait at a time has the probes. */
static DEFINE_MUTEX(settle_mutex);

/*
 * By its number: is_idle_task() looks for PF_IDLE, which the first CPU's idle task
 * sets itself when it first runs, in what was the boot's thread.
 */
static bool is_idle(const struct task_struct *task)
{
	return !task->pid;
}

static void switched(void *data, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	u64 now = kmemlab_clock_end();

	if (is_idle(prev))
		cpu.idle += now - cpu.idle_begin;
	if (is_idle(next))
		cpu.idle_begin = now;
}

static void callbacks_begin(void *data, unsigned int vector)
{
	if (vector == RCU_SOFTIRQ && is_idle(current))
		cpu.callbacks_begin = kmemlab_clock_end();
}

static void callbacks_end(void *data, unsigned int vector)
{
	if (vector == RCU_SOFTIRQ && is_idle(current))
		cpu.idle -= kmemlab_clock_end() - cpu.callbacks_begin;
}

static struct kmemlab_probe probes[] = {
	{ "sched_switch", switched },
	{ "softirq_entry", callbacks_begin },
	{ "softirq_exit", callbacks_end },
};

static u64 busy_ticks(void (*wait)(void))
{
	struct kmemlab_start start;

	cpu.idle = 0;
	kmemlab_clock_begin(&start);
	wait();
	return kmemlab_clock_since(&start, kmemlab_clock_end()) - cpu.idle;
}

/* Return: whether there is something to watch the CPU by. */
static bool settle_watched(void (*wait)(void), struct kmemlab_deferred *deferred)
{
	u64 with, without;

	if (kmemlab_probes_start(probes, ARRAY_SIZE(probes)))
		return false;
	with = busy_ticks(wait);
	without = busy_ticks(wait);
	kmemlab_probes_stop(probes, ARRAY_SIZE(probes));
	deferred->ticks += with > without ? with - without : 0;
	deferred->known = true;
	return true;
}

void kmemlab_settle(void (*wait)(void), struct kmemlab_deferred *deferred)
{
	bool settled = false;

	mutex_lock(&settle_mutex);
	if (num_online_cpus() == 1)
		settled = settle_watched(wait, deferred);
	mutex_unlock(&settle_mutex);
	if (!settled)
		wait();
}
