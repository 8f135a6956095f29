/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inputs of kmemlab compare: existing results, or kernels that it boots. */
#ifndef KMEMLAB_CLI_COMPARE_INPUTS_H
#define KMEMLAB_CLI_COMPARE_INPUTS_H

#include "cli/measure.h"
#include "report/comparison.h"

struct input_list {
	struct input *inputs;	/* their labels and documents belong to the list */
	size_t count;
};

/* Load files and stored results; a result with runs of several kernels is split. */
enum exit_code inputs_load(struct input_list *list, char **names, int count);
void inputs_release(struct input_list *list);

/* A kernel and a command line to boot. */
struct boot_spec {
	char *label;
	char *kernel;
	char *append;	/* or NULL */
	const char *cpu;	/* or NULL; belongs to the options */
};

struct boot_spec_list {
	struct boot_spec *specs;
	size_t count;
};

/*
 * List the kernels to boot; with a single kernel, boot it without and with --append.
 * If stepwise is set, add the words of --append one after the other.
 */
enum exit_code boot_specs_build(struct boot_spec_list *list, const struct options *options,
				bool stepwise);
void boot_specs_release(struct boot_spec_list *list);

/*
 * Measure the kernels and append their results. Their boots take turns, so that changes
 * on the host affect all of them.
 */
enum exit_code inputs_measure(struct input_list *list, const struct boot_spec *specs, size_t count,
			      const struct plan *plan, const struct options *options);

/* A change to search for: of a metric of an experiment, or of its status. */
struct bisect_change {
	json_t *experiment;
	const char *metric;	/* NULL: the status changed */
	double change;
};

/*
 * Return the largest change that fails the gate or, without a gate, the largest change of
 * the kinds of metrics that a gate compares. The caller releases the experiment.
 */
struct bisect_change bisect_largest(const json_t *comparison, const struct comparison_gate *gate);

/*
 * Search for the boot that shows the largest change between the ends of the list, with as
 * few boots as possible. Keeps in the list the two boots around that change (and the ends,
 * if there is a gate), or the ends if there is no change.
 */
enum exit_code bisect(struct input_list *list, const struct boot_spec_list *boots,
		      const struct plan *plan, const struct options *options,
		      const struct comparison_gate *gate);

#endif
