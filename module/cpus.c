// SPDX-License-Identifier: GPL-2.0-only
#include "cpus.h"

#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/topology.h>

static DEFINE_SPINLOCK(cpus_lock);
static struct cpumask cpus_held;	/* by experiments */
static struct cpumask cpus_leaving;	/* going offline: must not be held */
static enum cpuhp_state cpus_state;

static int cpus_online(unsigned int cpu)
{
	spin_lock(&cpus_lock);
	cpumask_clear_cpu(cpu, &cpus_leaving);
	spin_unlock(&cpus_lock);
	return 0;
}

static int cpus_offline(unsigned int cpu)
{
	int err = -EBUSY;

	spin_lock(&cpus_lock);
	if (!cpumask_test_cpu(cpu, &cpus_held)) {
		cpumask_set_cpu(cpu, &cpus_leaving);
		err = 0;
	}
	spin_unlock(&cpus_lock);
	return err;
}

/**
 * kmemlab_cpus_watch() - register for CPU hotplug
 *
 * Return: 0 or a negative errno.
 */
int kmemlab_cpus_watch(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "kmemlab:cpus", cpus_online,
					      cpus_offline);

	if (state < 0)
		return state;
	cpus_state = state;
	return 0;
}

/**
 * kmemlab_cpus_unwatch() - unregister from CPU hotplug
 */
void kmemlab_cpus_unwatch(void)
{
	cpuhp_remove_state_nocalls(cpus_state);
}

/**
 * kmemlab_cpus_hold() - keep CPUs online for one experiment
 * @cpus: CPUs that no other experiment may hold
 *
 * Return: 0, -EBUSY if another experiment holds one of them, or -ENODEV if one of
 * them is offline or going offline.
 */
int kmemlab_cpus_hold(const struct cpumask *cpus)
{
	int err = 0;

	spin_lock(&cpus_lock);
	if (cpumask_intersects(cpus, &cpus_held))
		err = -EBUSY;
	else if (cpumask_intersects(cpus, &cpus_leaving) || !cpumask_subset(cpus, cpu_online_mask))
		err = -ENODEV;
	else
		cpumask_or(&cpus_held, &cpus_held, cpus);
	spin_unlock(&cpus_lock);
	return err;
}

/**
 * kmemlab_cpus_release() - undo kmemlab_cpus_hold()
 * @cpus: held CPUs
 */
void kmemlab_cpus_release(const struct cpumask *cpus)
{
	spin_lock(&cpus_lock);
	cpumask_andnot(&cpus_held, &cpus_held, cpus);
	spin_unlock(&cpus_lock);
}

/* Run functions until the thread is stopped. It is not stopped while a function is pending. */
static int cpu_thread_main(void *argument)
{
	struct kmemlab_cpu_thread *thread = argument;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		/* Pairs with kmemlab_cpu_thread_start(): orders the context after fn. */
		if (!smp_load_acquire(&thread->fn)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		thread->fn(thread->context);
		thread->moved = !cpumask_equal(current->cpus_ptr, cpumask_of(thread->cpu));
		WRITE_ONCE(thread->fn, NULL);
		complete(&thread->done);	/* from here on, another function can be started */
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int cpu_thread_create(struct kmemlab_cpu_thread *thread, unsigned int cpu)
{
	struct task_struct *task;

	thread->cpu = cpu;
	init_completion(&thread->done);
	task = kthread_create_on_node(cpu_thread_main, thread, cpu_to_node(cpu), "kmemlab/%u",
				      cpu);
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	thread->task = get_task_struct(task);
	wake_up_process(task);
	return 0;
}

/**
 * kmemlab_cpu_threads_create() - create one idle thread on each CPU
 * @cpus: CPUs, in the order of the returned threads
 *
 * Must be called before memory is fragmented: the stack of a new thread may need a
 * block of several pages.
 *
 * Return: an array for kmemlab_cpu_threads_destroy(), or an ERR_PTR.
 */
struct kmemlab_cpu_thread *kmemlab_cpu_threads_create(const struct cpumask *cpus)
{
	struct kmemlab_cpu_thread *threads;
	unsigned int count = 0, cpu;
	int err;

	threads = kcalloc(cpumask_weight(cpus), sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return ERR_PTR(-ENOMEM);
	for_each_cpu(cpu, cpus) {
		err = cpu_thread_create(&threads[count], cpu);
		if (err) {
			kmemlab_cpu_threads_destroy(threads, count);
			return ERR_PTR(err);
		}
		count++;
	}
	return threads;
}

/**
 * kmemlab_cpu_threads_destroy() - stop the threads and wait until they have exited
 * @threads: idle threads
 * @count: number of threads
 *
 * The threads execute module code to their end, so the module must not be unloaded
 * before.
 */
void kmemlab_cpu_threads_destroy(struct kmemlab_cpu_thread *threads, unsigned int count)
{
	while (count--) {
		kthread_stop(threads[count].task);
		put_task_struct(threads[count].task);
	}
	kfree(threads);
}

/**
 * kmemlab_cpu_thread_start() - start a function on the CPU of a thread
 * @thread: idle thread
 * @fn: function, which may sleep
 * @context: argument of @fn
 */
void kmemlab_cpu_thread_start(struct kmemlab_cpu_thread *thread, void (*fn)(void *context),
			      void *context)
{
	reinit_completion(&thread->done);
	thread->context = context;
	/* Pairs with cpu_thread_main(): a thread that sees fn also sees the context. */
	smp_store_release(&thread->fn, fn);
	wake_up_process(thread->task);
}

/**
 * kmemlab_cpu_thread_wait() - wait uninterruptibly until a started function has returned
 * @thread: thread that runs the function
 *
 * Return: true if the thread was moved to another CPU.
 */
bool kmemlab_cpu_thread_wait(struct kmemlab_cpu_thread *thread)
{
	wait_for_completion(&thread->done);
	return thread->moved;
}

/**
 * kmemlab_cpu_thread_run() - run a function on the CPU of a thread and wait for it
 * @thread: idle thread
 * @fn: function, which may sleep
 * @context: argument of @fn
 *
 * Return: 0, or -ENODEV if the thread was moved to another CPU.
 */
int kmemlab_cpu_thread_run(struct kmemlab_cpu_thread *thread, void (*fn)(void *context),
			   void *context)
{
	kmemlab_cpu_thread_start(thread, fn, context);
	return kmemlab_cpu_thread_wait(thread) ? -ENODEV : 0;
}
