/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kmemlab compare compares: results that are there, or kernels that it runs. */
#ifndef KMEMLAB_COMPARE_SUBJECTS_H
#define KMEMLAB_COMPARE_SUBJECTS_H

#include "exec/plan.h"
#include "report/comparison.h"
#include "run_options.h"

struct subject_list {
	struct subject *subjects;	/* labels and documents are the list's own */
	size_t count;
};

/* Files and kept results; one with runs of several kernels gives several subjects. */
enum exit_code subjects_load(struct subject_list *list, char **wanted, int count);
void subjects_release(struct subject_list *list);

/* One kernel with one command line: what a subject is measured on. */
struct step {
	char *label;
	char *kernel;
	char *append;	/* or NULL */
};

struct step_list {
	struct step *steps;
	size_t count;
};

/*
 * The kernels of a list; or, of one kernel, without --append and with it. When
 * each is true, its words come one after the other.
 */
enum exit_code steps_from(struct step_list *list, const struct run_options *options, bool each);
void steps_release(struct step_list *list);

/*
 * Measures these steps as run does and appends them. Their boots take turns, so that what
 * changes on this machine in the meantime changes all of them.
 */
enum exit_code subjects_measure(struct subject_list *list, const struct step *steps, size_t count,
				const struct plan *plan, const struct run_options *options,
				const char *command);

#endif
