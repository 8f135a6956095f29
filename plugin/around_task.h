/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tasks that around.c follows, and the stack of each one's open calls. */
#ifndef KMEMLAB_PLUGIN_AROUND_TASK_H
#define KMEMLAB_PLUGIN_AROUND_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TASK_FRAMES_MAX	1024
#define TASK_SAVED_MAX	32

struct place;

/* An open call, or an exception */
struct task_frame {
	uint64_t return_address;	/* 0: entered by a jump */
	uint64_t start;			/* instructions before it */
	uint64_t away;			/* task->away at its start */
	uint64_t children;		/* instructions of what it called */
	uint64_t repeats;		/* of string instructions, before a window */
	uint32_t switches, interrupts;	/* of the task, at its start */
	int32_t function;		/* index, or -1 */
	bool counted;			/* the call is to be recorded */
	bool opens_window;
	bool is_exception, is_interrupt;
	/* of an exception: where the interrupted code continues */
	int pending;
	uint64_t pending_next;
	const struct place *before;
	uint64_t restart;		/* address of an instruction to be executed again, or 0 */
	bool handled;			/* its handler was reached: no jump from its vector follows */
};

struct task {
	struct task *next_task;
	uint64_t saved[TASK_SAVED_MAX];	/* addresses where the switcher saved registers */
	size_t saved_count;
	uint64_t left_at;		/* instructions when it was switched out */
	uint64_t away;			/* instructions of interrupts and other tasks so far */
	uint32_t switches, interrupts;
	unsigned int interrupt_depth;
	bool has_user_mode;		/* it is not a thread of the kernel */
	struct task_frame frames[TASK_FRAMES_MAX];
	size_t depth;
};

/* Return a task without calls, or NULL if memory runs out. */
struct task *task_new(void);

/* Return the task whose registers were saved at this address, or NULL. */
struct task *task_find(uint64_t address);

void task_save(struct task *task, uint64_t address);

/* Add a frame of zeros. If there are too many, the lowest one is lost. */
struct task_frame *task_push(struct task *task);

/* Forget the frames: the task is in user mode. Return the number of windows among them. */
unsigned int task_clear(struct task *task);

/* The same if a new task has the memory of one that has ended: its calls did not return. */
unsigned int task_replace(struct task *task);

/* Return the uppermost frame, or NULL. */
struct task_frame *task_top(struct task *task);

/* Return the number of calls to be recorded that are open, and of those that were lost. */
uint64_t tasks_open_calls(void);
uint64_t tasks_lost_calls(void);

#endif
