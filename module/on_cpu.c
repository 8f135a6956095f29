// SPDX-License-Identifier: GPL-2.0
#include "on_cpu.h"

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/topology.h>

static void carry_out(struct kmemlab_cpu_call *call)
{
	call->fn(call->context);
	call->moved = !cpumask_equal(current->cpus_ptr, cpumask_of(call->cpu));
	WRITE_ONCE(call->fn, NULL);
	complete(&call->done);	/* the next one may be started from here on */
}

/* Until it is stopped, which nobody does who still waits for a call. */
static int call_thread(void *argument)
{
	struct kmemlab_cpu_call *call = argument;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		/* With the context that was there before it. */
		if (!smp_load_acquire(&call->fn)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		carry_out(call);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int create_call(struct kmemlab_cpu_call *call, unsigned int cpu)
{
	struct task_struct *thread;

	call->cpu = cpu;
	init_completion(&call->done);
	thread = kthread_create_on_node(call_thread, call, cpu_to_node(cpu), "kmemlab/%u", cpu);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, cpu);
	call->thread = get_task_struct(thread);
	wake_up_process(thread);
	return 0;
}

struct kmemlab_cpu_call *kmemlab_cpu_calls_create(const struct cpumask *cpus)
{
	struct kmemlab_cpu_call *calls = kcalloc(cpumask_weight(cpus), sizeof(*calls), GFP_KERNEL);
	unsigned int count = 0, cpu;
	int error;

	if (!calls)
		return ERR_PTR(-ENOMEM);
	for_each_cpu(cpu, cpus) {
		error = create_call(&calls[count], cpu);
		if (error) {
			kmemlab_cpu_calls_destroy(calls, count);
			return ERR_PTR(error);
		}
		count++;
	}
	return calls;
}

/* The threads' last steps are the module's text: until they are gone, so must that stay. */
void kmemlab_cpu_calls_destroy(struct kmemlab_cpu_call *calls, unsigned int count)
{
	while (count--) {
		kthread_stop(calls[count].thread);
		put_task_struct(calls[count].thread);
	}
	kfree(calls);
}

void kmemlab_cpu_call_start(struct kmemlab_cpu_call *call, void (*fn)(void *context),
			    void *context)
{
	reinit_completion(&call->done);
	call->context = context;
	/* Whoever sees the function sees its context. */
	smp_store_release(&call->fn, fn);
	wake_up_process(call->thread);
}

bool kmemlab_cpu_call_finish(struct kmemlab_cpu_call *call)
{
	wait_for_completion(&call->done);
	return call->moved;
}

int kmemlab_on_cpu(struct kmemlab_cpu_call *call, void (*fn)(void *context), void *context)
{
	kmemlab_cpu_call_start(call, fn, context);
	return kmemlab_cpu_call_finish(call) ? -ENODEV : 0;
}
