// SPDX-License-Identifier: GPL-2.0
#include "on_cpu.h"

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/topology.h>

static int call_thread(void *argument)
{
	struct kmemlab_cpu_call *call = argument;

	call->fn(call->context);
	call->moved = !cpumask_equal(current->cpus_ptr, cpumask_of(call->cpu));
	complete(&call->done);	/* @call is the caller's: not ours from here on */
	return 0;
}

int kmemlab_cpu_call_start(struct kmemlab_cpu_call *call, unsigned int cpu,
			   void (*fn)(void *context), void *context)
{
	struct task_struct *thread;

	call->cpu = cpu;
	call->fn = fn;
	call->context = context;
	init_completion(&call->done);
	thread = kthread_create_on_node(call_thread, call, cpu_to_node(cpu), "kmemlab/%u", cpu);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, cpu);
	call->thread = get_task_struct(thread);
	wake_up_process(thread);
	return 0;
}

bool kmemlab_cpu_call_finish(struct kmemlab_cpu_call *call)
{
	wait_for_completion(&call->done);
	/* The thread's last steps are the module's text: until it is gone, so must that stay. */
	kthread_stop(call->thread);
	put_task_struct(call->thread);
	return call->moved;
}

int kmemlab_on_cpu(unsigned int cpu, void (*fn)(void *context), void *context)
{
	struct kmemlab_cpu_call call;
	int error = kmemlab_cpu_call_start(&call, cpu, fn, context);

	if (!error && kmemlab_cpu_call_finish(&call))
		error = -ENODEV;
	return error;
}
