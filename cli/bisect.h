/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest step of a list that shows the largest change between its ends. */
#ifndef KMEMLAB_BISECT_H
#define KMEMLAB_BISECT_H

#include "compare_subjects.h"

/*
 * Looks at figures of these kinds, and where none changes, at what can be done.
 * Measures as few steps as that takes, says what it found, and leaves the two
 * sides of the step in the list (or the ends, where these show no difference).
 */
enum exit_code bisect(struct subject_list *list, const struct step_list *steps,
		      const struct plan *plan, const struct run_options *options,
		      const bool kinds[FIGURE_KINDS], const char *command);

#endif
