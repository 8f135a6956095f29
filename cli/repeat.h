/* SPDX-License-Identifier: GPL-2.0-or-later */
/* run --repeat-of: the same plan on the same kernel, and are the figures the same? */
#ifndef KMEMLAB_REPEAT_H
#define KMEMLAB_REPEAT_H

#include <jansson.h>

#include "exec/plan.h"
#include "run_options.h"

/* The experiments of a results document, and its clock. EXIT_FINE, or a code with one line said. */
enum exit_code repeat_plan(struct plan *plan, const json_t *document);

/*
 * Whether the options say all that before leaves open and no more: a kernel of the user's
 * own, and only that. EXIT_FINE, or EXIT_USAGE with one line said.
 */
enum exit_code repeat_check(const struct run_options *options, const json_t *before);

/* Boots each run of before once more. EXIT_FINE, or another code with one line said. */
enum exit_code repeat_take(const struct plan *plan, const struct run_options *options,
			   const json_t *before, const char *command, json_t **document);

/* EXIT_RECORD_FAILED where a figure differs, and the first one is named. */
enum exit_code repeat_judge(const struct run_options *options, const json_t *before,
			    const json_t *now);

#endif
