// SPDX-License-Identifier: GPL-2.0-only
#include "workers.h"

#include <linux/ktime.h>
#include <linux/sched/signal.h>

#include "clock.h"
#include "cpus.h"
#include "facilities/facility.h"

/* All workers are awake at the spinning barrier; a busy CPU may still delay one. */
#define WORKERS_SPIN_NS	NSEC_PER_SEC

/**
 * kmemlab_workers_init() - initialize a group
 * @group: initialized
 * @all: workers, with context, CPU and thread set
 * @count: number of workers
 * @work: function that each worker runs
 */
void kmemlab_workers_init(struct kmemlab_workers *group, struct kmemlab_worker *all,
			  unsigned int count, int (*work)(struct kmemlab_worker *worker))
{
	unsigned int i;

	*group = (struct kmemlab_workers) {
		.count = count,
		.all = all,
		.work = work,
	};
	init_waitqueue_head(&group->wait);
	for (i = 0; i < count; i++)
		all[i].group = group;
}

/* End the work of all workers. Only the first error is kept. */
static void workers_fail(struct kmemlab_workers *group, int err)
{
	cmpxchg(&group->err, 0, err);
	wake_up_all(&group->wait);
}

/*
 * The counters are never reset, hence the comparison by wrapping difference. Acquire:
 * a worker that sees the count of a failed one must also see its error.
 */
static bool workers_all_counted(const struct kmemlab_workers *group, const atomic_t *count,
				unsigned int times)
{
	return (int)(atomic_read_acquire(count) - times * group->count) >= 0;
}

/**
 * kmemlab_workers_barrier() - sleep until all workers have arrived
 * @worker: calling worker
 *
 * Return: 0, or the error that ended the work of the group.
 */
int kmemlab_workers_barrier(struct kmemlab_worker *worker)
{
	struct kmemlab_workers *group = worker->group;

	worker->arrivals++;
	atomic_inc(&group->arrived);
	wake_up_all(&group->wait);
	/* A worker that arrives after another one has failed must return the error. */
	if (wait_event_interruptible(group->wait, READ_ONCE(group->err) ||
				     workers_all_counted(group, &group->arrived,
							 worker->arrivals)))
		workers_fail(group, -EINTR);
	return READ_ONCE(group->err);
}

static int workers_spin(struct kmemlab_worker *worker)
{
	struct kmemlab_workers *group = worker->group;
	const u64 deadline = ktime_get_ns() + WORKERS_SPIN_NS;

	atomic_inc(&group->spinning);
	while (!workers_all_counted(group, &group->spinning, worker->parts)) {
		if (READ_ONCE(group->err))
			return group->err;
		if (ktime_get_ns() > deadline)
			return -ETIMEDOUT;
		cpu_relax();
	}
	return 0;
}

static u64 worker_done(const struct kmemlab_worker *worker)
{
	return (u64)READ_ONCE(worker->ctx->alloc.count) + READ_ONCE(worker->ctx->free.count);
}

/**
 * kmemlab_workers_start() - start a timed part together with all other workers
 * @worker: calling worker, or NULL to do nothing
 *
 * Return: 0; else kmemlab_workers_stop() must not be called: -ETIMEDOUT if the CPUs
 * do not run at the same time, or the error that ended the work of the group.
 */
int kmemlab_workers_start(struct kmemlab_worker *worker)
{
	struct kmemlab_workers *group;
	unsigned int i;
	int err;

	if (!worker)
		return 0;
	group = worker->group;
	worker->parts++;
	err = kmemlab_workers_barrier(worker);
	if (!err)
		err = workers_spin(worker);
	if (err)
		return err;
	if (atomic_inc_return(&group->started) != (int)(worker->parts * group->count))
		return 0;
	group->begin = kmemlab_clock_now();
	for (i = 0; i < group->count; i++)
		group->all[i].done_at_begin = worker_done(&group->all[i]);
	return 0;
}

/* Called by the last worker: the others no longer write these fields. */
static void workers_add_concurrent(struct kmemlab_workers *group)
{
	unsigned int i;

	/* One worker ended before another one started: they never ran together. */
	if ((s64)(group->end - group->begin) <= 0)
		return;
	group->ticks += group->end - group->begin;
	for (i = 0; i < group->count; i++)
		group->all[i].concurrent += group->all[i].done_at_end -
					    group->all[i].done_at_begin;
}

/**
 * kmemlab_workers_stop() - end a timed part
 * @worker: calling worker, or NULL to do nothing
 * @err: result of the part; an error ends the work of all workers
 */
void kmemlab_workers_stop(struct kmemlab_worker *worker, int err)
{
	struct kmemlab_workers *group;
	unsigned int i;

	if (!worker)
		return;
	group = worker->group;
	if (atomic_inc_return(&group->ended) == (int)((worker->parts - 1) * group->count + 1)) {
		group->end = kmemlab_clock_now();
		for (i = 0; i < group->count; i++)
			group->all[i].done_at_end = worker_done(&group->all[i]);
	}
	if (atomic_inc_return(&group->left) == (int)(worker->parts * group->count))
		workers_add_concurrent(group);
	if (err && group->count > 1)
		workers_fail(group, err);
}

static void worker_run(struct kmemlab_worker *worker)
{
	int err = worker->group->work(worker);

	if (err)
		workers_fail(worker->group, err);
}

/* Kernel threads ignore all signals by default. */
static void worker_thread(void *context)
{
	struct kmemlab_workers *group = ((struct kmemlab_worker *)context)->group;

	allow_signal(SIGINT);
	worker_run(context);
	atomic_inc(&group->finished);
	wake_up_all(&group->wait);
}

/* Forward the caller's signal: the workers check for signals like the caller does. */
static void workers_interrupt(struct kmemlab_workers *group)
{
	unsigned int i;

	workers_fail(group, -EINTR);
	for (i = 0; i < group->count; i++)
		send_sig(SIGINT, group->all[i].thread->task, 1);
}

/**
 * kmemlab_workers_run() - let all workers work and wait for them
 * @group: initialized group
 *
 * A single worker runs in the caller, on its current CPU. A signal to the caller ends
 * the work of all workers.
 *
 * Return: 0, -ENODEV if a worker was moved to another CPU, or the error of the first
 * worker that failed.
 */
int kmemlab_workers_run(struct kmemlab_workers *group)
{
	bool moved = false;
	unsigned int i;

	if (group->count == 1) {
		worker_run(group->all);
		return group->err;
	}
	for (i = 0; i < group->count; i++)
		kmemlab_cpu_thread_start(group->all[i].thread, worker_thread, &group->all[i]);
	if (wait_event_interruptible(group->wait,
				     atomic_read(&group->finished) == (int)group->count))
		workers_interrupt(group);
	for (i = 0; i < group->count; i++)
		moved |= kmemlab_cpu_thread_wait(group->all[i].thread);
	return moved && group->err != -EINTR ? -ENODEV : group->err;
}
