/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cache lines that an operation writes, by the CPUs that may use them: other CPUs wait for a
 * shared line while this one writes it. Each line belongs to exactly one class.
 */
#ifndef KMEMLAB_EXPLAIN_WRITTEN_LINES_H
#define KMEMLAB_EXPLAIN_WRITTEN_LINES_H

#include <jansson.h>

#include "call_tree.h"

/* Classes of written bytes; a line with bytes of several belongs to the last one here. */
enum line_class {
	LINE_STACK,	/* of the calling task */
	LINE_OWN,	/* memory that is allocated or freed, and its struct pages */
	LINE_TASK,	/* struct task_struct of the caller */
	LINE_PER_CPU,	/* the kernel's per-CPU areas */
	LINE_SHARED,	/* all others */
	LINE_CLASSES
};

/* Names of the classes in documents */
extern const char *const line_class_names[LINE_CLASSES];

/* Memory of the traced kernel whose use is not in the trace */
struct memory_owners {
	bool per_cpu_known;
	struct trace_areas per_cpu;
	struct symbols data;			/* variables are from _sdata to _end: */
	uint64_t data_start, data_end;
};

struct written_lines {
	uint64_t classes[LINE_CLASSES];	/* distinct ones of each operation */
	uint64_t shared_atomic;		/* shared ones that an atomic instruction writes */
	struct written_name {
		char *name;		/* of the data, by the first write to the line */
		uint64_t lines;
	} *named;			/* the shared ones, in the order of the first write */
	size_t named_count;
};

/* Set the per-CPU areas to those of a samples record, if it has any. */
void memory_owners_set_per_cpu(struct memory_owners *owners, const json_t *record);

/* Add the variables of a text in the format of /proc/kallsyms. */
void memory_owners_add_data(struct memory_owners *owners, const char *text);
void memory_owners_release(struct memory_owners *owners);

/*
 * Add the lines that the operation writes, without those of the clock, of interrupts and of
 * other tasks.
 */
void written_lines_collect(struct written_lines *written, const struct trace *trace,
			   const struct operation *operation,
			   const struct attribution *attributions, struct memory_owners *owners);
void written_lines_release(struct written_lines *written);

#endif
