// SPDX-License-Identifier: GPL-2.0-or-later
#include "around_task.h"

#include <stdlib.h>
#include <string.h>

static struct task *tasks;
static uint64_t lost_calls, ended_calls;

struct task *task_new(void)
{
	struct task *task = calloc(1, sizeof(*task));

	if (task) {
		task->next_task = tasks;
		tasks = task;
	}
	return task;
}

struct task *task_find(uint64_t address)
{
	for (struct task *task = tasks; task; task = task->next_task)
		for (size_t i = 0; i < task->saved_count; i++)
			if (task->saved[i] == address)
				return task;
	return NULL;
}

void task_save(struct task *task, uint64_t address)
{
	if (task->saved_count < TASK_SAVED_MAX)
		task->saved[task->saved_count++] = address;
}

struct task_frame *task_push(struct task *task)
{
	struct task_frame *frame;

	/* Nested too deeply: no longer count the calls that are open. */
	if (task->depth == TASK_FRAMES_MAX) {
		lost_calls += task->frames[0].counted;
		memmove(task->frames, task->frames + 1,
			(TASK_FRAMES_MAX - 1) * sizeof(task->frames[0]));
		task->depth--;
	}
	frame = &task->frames[task->depth++];
	*frame = (struct task_frame) { 0 };
	return frame;
}

static unsigned int remove_frames(struct task *task, uint64_t *calls)
{
	unsigned int windows = 0;

	for (size_t i = 0; i < task->depth; i++) {
		*calls += task->frames[i].counted;
		windows += task->frames[i].opens_window;
	}
	task->depth = 0;
	task->interrupt_depth = 0;
	return windows;
}

unsigned int task_clear(struct task *task)
{
	return remove_frames(task, &lost_calls);
}

unsigned int task_replace(struct task *task)
{
	task->has_user_mode = false;
	return remove_frames(task, &ended_calls);
}

struct task_frame *task_top(struct task *task)
{
	return task->depth ? &task->frames[task->depth - 1] : NULL;
}

uint64_t tasks_open_calls(void)
{
	uint64_t count = ended_calls;

	for (struct task *task = tasks; task; task = task->next_task)
		for (size_t i = 0; i < task->depth; i++)
			count += task->frames[i].counted;
	return count;
}

uint64_t tasks_lost_calls(void)
{
	return lost_calls;
}
