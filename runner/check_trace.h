/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations and frees of the kernel, with call stacks, from tracefs. */
#ifndef KMEMLAB_RUNNER_CHECK_TRACE_H
#define KMEMLAB_RUNNER_CHECK_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_FRAMES_MAX	32
#define TRACE_NAME_MAX		48
#define TRACE_INTERRUPT		(-1)	/* PID of events of interrupts, whatever task is below */

enum trace_kind {
	TRACE_OTHER,		/* another event of the same task */
	TRACE_LOADED,		/* a module was loaded, its init has not run yet */
	TRACE_MARK,		/* the task that loads or unloads has returned */
	TRACE_LOST,		/* events were overwritten before they were read */
	TRACE_OBJECTS_LOST,	/* objects were freed whose addresses are not known */
	TRACE_PAGE_ALLOC, TRACE_PAGE_FREE,
	TRACE_OBJECT_ALLOC, TRACE_OBJECT_FREE,
	TRACE_PERCPU_ALLOC, TRACE_PERCPU_FREE,
	TRACE_BULK_FREE,	/* becomes one TRACE_OBJECT_FREE for each object */
	TRACE_FREE_CALL,	/* a call of __free_pages(), which may free nothing */
};

struct trace_frame {
	uint64_t address;		/* return address */
	char name[TRACE_NAME_MAX];	/* of the function, or empty */
	bool in_module;			/* of any module */
};

struct kernel_event {
	enum trace_kind kind;
	int pid;
	bool atomic;		/* the task must not sleep */
	bool may_sleep;		/* the allocation may sleep, by its GFP flags */
	uint64_t address;	/* of the object or of struct page; PFN of a page */
	uint64_t size;		/* bytes, or order of a page */
	char mark[64];		/* text of the mark */
	char caller[80];	/* that the kernel names: "name+0x1c/0x40 [module]", an address, or empty */
	char objects[64 * 20];	/* addresses of a part of a bulk free */
	uint64_t first;		/* index of the part's first object */
	struct trace_frame frames[TRACE_FRAMES_MAX];	/* innermost first */
	unsigned int frame_count;
};

struct trace_reader {
	int fd;			/* of trace_pipe, or -1 */
	char text[65536];	/* that is not parsed yet */
	size_t length;
	const char *missing[16];	/* events that the kernel lacks, after trace_start() */
	size_t missing_count;
	bool no_bulk;		/* the kernel's bulk frees cannot be read */
	bool hashed;		/* the kernel prints hashes of addresses, but not in a bulk free */
	bool has_event;
	struct kernel_event event;	/* whose stack is being read */
	char symbol[TRACE_NAME_MAX];	/* of a module, that was looked up last, */
	uint64_t symbol_address;	/* and its address */
	/* Receives each event. */
	void (*handle)(void *context, const struct kernel_event *event);
	void *context;
};

/*
 * Mount tracefs and start tracing all but this task. Return: 0 or a negative errno, -ENOENT if
 * allocations cannot be followed.
 */
int trace_start(struct trace_reader *reader);

/* Set whether trace_read() waits for events; a signal ends the wait. */
void trace_set_blocking(struct trace_reader *reader, bool blocking);

/* Read and handle what there is. Return: false if there was nothing, or at a signal. */
bool trace_read(struct trace_reader *reader);

/* Write a mark to the trace. Any process may do so. */
void trace_mark(const char *text);

/* Parse text of trace_pipe, of any length. */
void trace_parse(struct trace_reader *reader, const char *text, size_t size);

/* Handle the last event, which could still have had a stack. */
void trace_flush(struct trace_reader *reader);

#endif
