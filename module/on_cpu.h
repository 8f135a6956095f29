/* SPDX-License-Identifier: GPL-2.0 */
/* A function on another CPU, in a thread of its own. */
#ifndef KMEMLAB_ON_CPU_H
#define KMEMLAB_ON_CPU_H

#include <linux/completion.h>

struct task_struct;

/**
 * struct kmemlab_cpu_call - a call on its way
 * @cpu: where
 * @moved: the scheduler took it to another CPU, as this one was asked to go offline
 * @fn: what is called
 * @context: with what
 * @done: completed when it has returned
 * @thread: that it runs in
 */
struct kmemlab_cpu_call {
	unsigned int cpu;
	bool moved;
	void (*fn)(void *context);
	void *context;
	struct completion done;
	struct task_struct *thread;
};

/*
 * Calls @fn in a thread of its own on @cpu, where it may sleep. Return: 0, or a
 * negative errno where no thread was to be had and @fn is not called.
 */
int kmemlab_cpu_call_start(struct kmemlab_cpu_call *call, unsigned int cpu,
			   void (*fn)(void *context), void *context);

/*
 * Waits for a call that was started, whatever signals come, and ends its thread.
 * Return: whether it was moved to another CPU.
 */
bool kmemlab_cpu_call_finish(struct kmemlab_cpu_call *call);

/* Both at once. Return: -ENODEV also where it was called and moved. */
int kmemlab_on_cpu(unsigned int cpu, void (*fn)(void *context), void *context);

#endif
