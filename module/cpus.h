/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs of an experiment: kept online, with one worker thread on each. */
#ifndef KMEMLAB_CPUS_H
#define KMEMLAB_CPUS_H

#include <linux/completion.h>
#include <linux/cpumask.h>

struct task_struct;

int kmemlab_cpus_watch(void);
void kmemlab_cpus_unwatch(void);
int kmemlab_cpus_hold(const struct cpumask *cpus);
void kmemlab_cpus_release(const struct cpumask *cpus);

/**
 * struct kmemlab_cpu_thread - a thread that is bound to a CPU and runs functions
 * @cpu: CPU of the thread
 * @moved: the CPU went offline, so the scheduler moved the thread
 * @fn: function to run; NULL if idle
 * @context: argument of @fn
 * @done: completed when @fn has returned
 * @task: the thread
 */
struct kmemlab_cpu_thread {
	unsigned int cpu;
	bool moved;
	void (*fn)(void *context);
	void *context;
	struct completion done;
	struct task_struct *task;
};

struct kmemlab_cpu_thread *kmemlab_cpu_threads_create(const struct cpumask *cpus);
void kmemlab_cpu_threads_destroy(struct kmemlab_cpu_thread *threads, unsigned int count);
void kmemlab_cpu_thread_start(struct kmemlab_cpu_thread *thread, void (*fn)(void *context),
			      void *context);
bool kmemlab_cpu_thread_wait(struct kmemlab_cpu_thread *thread);
int kmemlab_cpu_thread_run(struct kmemlab_cpu_thread *thread, void (*fn)(void *context),
			   void *context);

#endif
