/* SPDX-License-Identifier: GPL-2.0 */
/* A function on another CPU, in a thread that is there for it. */
#ifndef KMEMLAB_ON_CPU_H
#define KMEMLAB_ON_CPU_H

#include <linux/completion.h>
#include <linux/cpumask.h>

struct task_struct;

/**
 * struct kmemlab_cpu_call - a thread on a CPU, and a call that it carries out
 * @cpu: where
 * @moved: the scheduler took it to another CPU, as this one was asked to go offline
 * @fn: what is called; NULL: nothing as yet
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
 * A thread on each of @cpus, in their order, which idles until it is given a call. A new
 * thread takes a block of pages that memory in pieces does not have: made before that.
 * Return: for kmemlab_cpu_calls_destroy(); an ERR_PTR where a thread was not to be had.
 */
struct kmemlab_cpu_call *kmemlab_cpu_calls_create(const struct cpumask *cpus);
void kmemlab_cpu_calls_destroy(struct kmemlab_cpu_call *calls, unsigned int count);

/* Has @fn called on the call's CPU, where it may sleep. */
void kmemlab_cpu_call_start(struct kmemlab_cpu_call *call, void (*fn)(void *context),
			    void *context);

/*
 * Waits for a call that was started, whatever signals come.
 * Return: whether it was moved to another CPU.
 */
bool kmemlab_cpu_call_finish(struct kmemlab_cpu_call *call);

/* Both at once. Return: 0, or -ENODEV where it was moved. */
int kmemlab_on_cpu(struct kmemlab_cpu_call *call, void (*fn)(void *context), void *context);

#endif
