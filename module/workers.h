/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers: one thread per CPU, all running their timed parts together.
 *
 * Before a timed part, all workers sleep at a barrier, because untimed work may keep
 * the others busy for a long time. Then they spin until the last one has arrived. Concurrent
 * operations are counted from the moment the last worker has started until the first
 * one stops: only then do all of them run.
 */
#ifndef KMEMLAB_WORKERS_H
#define KMEMLAB_WORKERS_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/wait.h>

struct kmemlab_cpu_thread;
struct kmemlab_facility_ctx;
struct kmemlab_worker;

/**
 * struct kmemlab_workers - a group of workers
 * @count: number of workers
 * @all: the workers
 * @work: function that each of them runs
 * @err: first error of any worker, which ends the work of all
 * @wait: wait queue of the barrier and of the caller
 * @arrived: arrivals at the sleeping barrier, over all timed parts
 * @spinning: arrivals at the spinning barrier, over all timed parts
 * @started: starts of a timed part, over all timed parts
 * @ended: ends of a timed part, over all timed parts
 * @left: workers that have recorded the end of a timed part, over all timed parts
 * @finished: workers whose function has returned
 * @begin: time when the last worker started the timed part
 * @end: time when the first worker ended it
 * @ticks: time during which all workers ran, over all timed parts
 */
struct kmemlab_workers {
	unsigned int count;
	struct kmemlab_worker *all;
	int (*work)(struct kmemlab_worker *worker);
	int err;
	wait_queue_head_t wait;
	atomic_t arrived;
	atomic_t spinning;
	atomic_t started;
	atomic_t ended;
	atomic_t left;
	atomic_t finished;
	u64 begin;
	u64 end;
	u64 ticks;
};

/**
 * struct kmemlab_worker - one worker
 * @group: group of the worker
 * @ctx: facility context whose samples count its operations
 * @cpu: CPU of the worker
 * @arrivals: number of its arrivals at the sleeping barrier
 * @parts: number of timed parts that it has started
 * @done_at_begin: operations done when the last worker started
 * @done_at_end: operations done when the first worker ended
 * @concurrent: operations done while all workers ran
 * @thread: thread of the worker; NULL if it runs in the caller
 */
struct kmemlab_worker {
	struct kmemlab_workers *group;
	const struct kmemlab_facility_ctx *ctx;
	unsigned int cpu;
	unsigned int arrivals;
	unsigned int parts;
	u64 done_at_begin;
	u64 done_at_end;
	u64 concurrent;
	struct kmemlab_cpu_thread *thread;
};

void kmemlab_workers_init(struct kmemlab_workers *group, struct kmemlab_worker *all,
			  unsigned int count, int (*work)(struct kmemlab_worker *worker));
int kmemlab_workers_run(struct kmemlab_workers *group);
int kmemlab_workers_barrier(struct kmemlab_worker *worker);
int kmemlab_workers_start(struct kmemlab_worker *worker);
void kmemlab_workers_stop(struct kmemlab_worker *worker, int err);

#endif
