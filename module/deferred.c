// SPDX-License-Identifier: GPL-2.0-only
#include "object_set.h"

#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <trace/events/irq.h>
#include <trace/events/sched.h>
#include <trace/events/workqueue.h>

#include "clock.h"
#include "compat/compat.h"
#include "tracepoints.h"

/*
 * Time of the only CPU that belongs to the work waited for: RCU callbacks, the threads of RCU,
 * work items of kfree_rcu() and the waiting task itself. Everything else that runs meanwhile
 * (vmstat, kcompactd, timers) depends on the moment and not on what was freed.
 */
static struct {
	u64 ticks;
	u64 start;
	bool counting;
	const struct task_struct *waiter;
	const struct task_struct *worker;	/* executes a work item of kfree_rcu() */
} deferred_work;

/* Only one wait at a time can use the probes. */
static DEFINE_MUTEX(deferred_mutex);

static bool deferred_is_counted(const struct task_struct *task)
{
	return task == deferred_work.waiter || task == deferred_work.worker ||
	       (task->flags & PF_KTHREAD && !strncmp(task->comm, "rcu", 3));
}

/* Called with interrupts or softirqs disabled, or in the task concerned. */
static void deferred_count(bool counting)
{
	u64 now = kmemlab_clock_now();

	if (deferred_work.counting)
		deferred_work.ticks += now - deferred_work.start;
	deferred_work.counting = counting;
	deferred_work.start = now;
}

static void deferred_on_switch(void *data, COMPAT_SCHED_SWITCH_ARGS)
{
	deferred_count(deferred_is_counted(next));
}

static void deferred_on_softirq_entry(void *data, unsigned int vector)
{
	if (vector == RCU_SOFTIRQ)
		deferred_count(true);
}

static void deferred_on_softirq_exit(void *data, unsigned int vector)
{
	if (vector == RCU_SOFTIRQ)
		deferred_count(deferred_is_counted(current));
}

static void deferred_on_work_start(void *data, struct work_struct *work)
{
	char name[KSYM_SYMBOL_LEN];

	snprintf(name, sizeof(name), "%ps", work->func);
	if (!strstr(name, "free_rcu"))
		return;
	deferred_work.worker = current;
	deferred_count(true);
}

static void deferred_on_work_end(void *data, COMPAT_WORK_END_ARGS)
{
	if (deferred_work.worker != current)
		return;
	deferred_work.worker = NULL;
	deferred_count(deferred_is_counted(current));
}

static struct kmemlab_tracepoint deferred_probes[] = {
	{ KMEMLAB_PROBE(sched_switch, deferred_on_switch) },
	{ KMEMLAB_PROBE(softirq_entry, deferred_on_softirq_entry) },
	{ KMEMLAB_PROBE(softirq_exit, deferred_on_softirq_exit) },
	{ KMEMLAB_PROBE(workqueue_execute_start, deferred_on_work_start) },
	{ KMEMLAB_PROBE(workqueue_execute_end, deferred_on_work_end) },
};

static u64 deferred_busy_ticks(void (*wait)(void))
{
	preempt_disable();
	deferred_work.ticks = 0;
	deferred_work.counting = false;
	deferred_work.worker = NULL;
	deferred_work.waiter = current;
	deferred_count(true);
	preempt_enable();
	wait();
	preempt_disable();
	deferred_count(false);
	deferred_work.waiter = NULL;
	preempt_enable();
	return deferred_work.ticks;
}

/* Return false without having waited if the probes cannot be used. */
static bool deferred_measure(void (*wait)(void), struct kmemlab_deferred *deferred)
{
	u64 with, without = 0;

	if (kmemlab_tracepoints_start(deferred_probes, ARRAY_SIZE(deferred_probes)))
		return false;
	with = deferred_busy_ticks(wait);
	if (!signal_pending(current))
		without = deferred_busy_ticks(wait);
	kmemlab_tracepoints_stop(deferred_probes, ARRAY_SIZE(deferred_probes));
	deferred->ticks += with > without ? with - without : 0;
	deferred->known = true;
	return true;
}

/**
 * kmemlab_deferred_flush() - wait for deferred work and measure its cost
 * @wait: sleeps until the deferred work is done; after a signal, only until no code of
 *	the module has to run any more
 * @deferred: the cost is added to it
 *
 * Calls @wait twice and subtracts the cost of the second call, which has no deferred
 * work to wait for. With several online CPUs the work cannot be attributed: then
 * @wait is called once and nothing is measured.
 *
 * Return: 0, or -EINTR, with an unknown cost.
 */
int kmemlab_deferred_flush(void (*wait)(void), struct kmemlab_deferred *deferred)
{
	bool measured = false;

	if (!mutex_lock_interruptible(&deferred_mutex)) {
		if (num_online_cpus() == 1)
			measured = deferred_measure(wait, deferred);
		mutex_unlock(&deferred_mutex);
	}
	if (!measured)
		wait();
	return signal_pending(current) ? -EINTR : 0;
}
