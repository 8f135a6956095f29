/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest step of a list that shows the largest change between its ends. */
#ifndef KMEMLAB_BISECT_H
#define KMEMLAB_BISECT_H

#include "compare_subjects.h"

/*
 * The change that is looked for: this figure of this experiment, by so much
 * between the ends. Without a figure: whether the experiment can be done.
 */
struct bisect_change {
	json_t *experiment;
	const char *figure;
	double change;
};

/*
 * Of a comparison of two: the worsening that trips the gate, the largest of them; without
 * a gate that is set, the largest change of its kinds. The experiment is to be released.
 */
struct bisect_change bisect_largest(const json_t *comparison, const struct comparison_gate *gate);

/*
 * Looks for that change, and where no figure shows one, at what can be done. Measures as
 * few steps as that takes, says what it found, and leaves the two sides of the step in the
 * list: between the ends, which the gate is on, where there is one. Where there is nothing
 * to look for, the ends.
 */
enum exit_code bisect(struct subject_list *list, const struct step_list *steps,
		      const struct plan *plan, const struct run_options *options,
		      const struct comparison_gate *gate, const char *command);

#endif
