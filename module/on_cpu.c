// SPDX-License-Identifier: GPL-2.0
#include "on_cpu.h"

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/topology.h>

struct call {
	void (*fn)(void *context);
	void *context;
	struct completion done;
};

static int call_thread(void *argument)
{
	struct call *call = argument;

	call->fn(call->context);
	complete(&call->done);	/* @call is the caller's: not ours from here on */
	return 0;
}

int kmemlab_on_cpu(unsigned int cpu, void (*fn)(void *context), void *context)
{
	struct call call = { .fn = fn, .context = context };
	struct task_struct *thread;

	init_completion(&call.done);
	thread = kthread_create_on_node(call_thread, &call, cpu_to_node(cpu), "kmemlab/%u", cpu);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	kthread_bind(thread, cpu);
	get_task_struct(thread);
	wake_up_process(thread);
	wait_for_completion(&call.done);
	/* The thread's last steps are the module's text: until it is gone, so must that stay. */
	kthread_stop(thread);
	put_task_struct(thread);
	return 0;
}
