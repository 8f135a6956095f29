/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run plans on a target, a virtual machine or this machine, and collect the results. */
#ifndef KMEMLAB_CLI_MEASURE_H
#define KMEMLAB_CLI_MEASURE_H

#include <jansson.h>

#include "cli/options.h"
#include "report/document.h"
#include "runner/plan.h"
#include "vm/request.h"

/* A machine that runs plans. */
struct measure_target {
	bool on_host;
	struct vm_request vm;	/* without the plan; of it, the host uses timeout_s only */
	bool isolate;		/* a virtual machine for each experiment */
};

/* Return the command line quoted for a shell; the caller frees it. */
char *quote_argv(int argc, char **argv);

/* Build the plan that the experiment options or the plan file describe. */
enum exit_code plan_build(struct plan *plan, const struct options *options);

/* Return EXIT_OK, or EXIT_HOST_ERROR after reporting that plan_add() ran out of memory. */
enum exit_code plan_check_added(int err);

/* Return the text of a plan; the caller frees it. */
char *plan_text(const struct plan *plan);

/*
 * Set *history to the plan of a boot, which the caller releases: boots that measure noise
 * (--layouts) differ in their history as well as in their layout. Odd layouts run the
 * experiments in reversed order. The second and third of four layouts run a batch of each
 * facility first. *warm_ups is the number of these warm-ups.
 */
enum exit_code history_plan(const struct plan *plan, unsigned int layout, struct plan *history,
			    size_t *warm_ups);

/* Drop the results of warm-ups and bring the others into the order of the plan. */
void history_restore(json_t *results, size_t warm_ups, unsigned int layout);

/* Return the target of the options: the first kernel and architecture, layout 0. */
struct measure_target target_from_options(const struct options *options, const struct plan *plan);

/* Set the number of CPUs that the plan needs and the architecture can count on. */
void target_set_cpus(struct measure_target *target, const struct plan *plan);

/* The progress of a plan on a target. */
struct progress {
	const struct plan *plan;
	size_t done;			/* experiments before the current virtual machine */
	double start;			/* of the first experiment, as seconds_now(); 0: not yet */
};

/*
 * Return the line to show, "137 of 532  kmalloc batch 4096  12 s left", or NULL if the plan has
 * no experiment left; the caller frees it.
 */
char *progress_text(const struct plan *plan, size_t done, double elapsed_s);

/* Show the progress if standard error is a terminal. progress is a struct progress. */
void progress_show(void *progress, size_t results);

/* Run the plan. Fills in the result in any case. */
void target_run(const struct plan *plan, const struct measure_target *target,
		struct vm_result *result);

/*
 * Run the plan on the running kernel; loads the module if necessary and unloads it
 * again. Fills in the result as vm_run() does.
 */
void target_host_run(const struct plan *plan, unsigned int timeout_s, struct progress *progress,
		     struct vm_result *result);

/* Return the document's facts about a run, dated now; they point into all three arguments. */
struct run_facts target_facts(const struct vm_result *result, const struct measure_target *target,
			      const char *command_line);

/* Add the run to a document, which is NULL at first. Takes ownership of the run. */
void measure_join(json_t **document, json_t *run);

/* Run the plan once. Return EXIT_OK, or another code after reporting the error. */
enum exit_code measure_once(const struct options *options, const struct plan *plan,
			    const struct measure_target *target, json_t **document);

/*
 * Reject plans that a guest could only skip. With several kernels, download all of them
 * first, so that a kernel that is not available does not waste the runs before it.
 */
enum exit_code measure_check(const struct options *options, const struct plan *plan);

/*
 * Run the plan for each kernel, architecture, layout and setting of init_on_alloc that
 * the options list; the document has a run for each.
 */
enum exit_code measure_all(const struct options *options, const struct plan *plan,
			   json_t **document);

/* Write, print and store the results. Return the exit code for the worst of them. */
enum exit_code publish_results(const struct options *options, const json_t *document,
			       void (*print)(const json_t *document, bool verbose));

/*
 * Trace the experiment on one kernel, with the architecture, CPU, op and state of the options. Set
 * *document (kmemlab.explain/2) if the exit code is EXIT_OK.
 */
enum exit_code explain_experiment(const char *kernel, const struct experiment_spec *spec,
				  const struct options *options, json_t **document);

/*
 * Trace each measured experiment of the document again and add its "mix". On errors, which are
 * reported, it stays null.
 */
enum exit_code mix_add(const struct options *options, const struct plan *plan, json_t *document);

/* Print the call tree of a facility's allocation on each kernel of one architecture. */
enum exit_code explain_facility(const struct options *options, char *facility, char *arch);

/* A request of kmemlab translate or kmemlab map. */
struct query {
	const char *answers;	/* the document's array of answers */
	json_t *(*document)(const char *records, size_t bytes, const struct run_facts *facts,
			    char **error);
	void (*print)(const json_t *document, bool verbose, FILE *out);
	void (*html)(const json_t *document, FILE *out);	/* for --html, if the command has it */
	/* Finish with the document; returns the exit code. */
	enum exit_code (*finish)(const struct options *options, const json_t *document);
};

/* Run the plan and write or print the document. Return its exit code. */
enum exit_code query_run(const struct query *query, const struct options *options,
			 struct plan *plan);

/* Check that the total size of the objects is below 2^63 bytes. */
enum exit_code query_check_size(const struct options *options);

/* Return the limit of a trace in bytes: at most half of the free space. */
unsigned long long trace_limit(void);

/*
 * Return a request for the first kernel, architecture and CPU model of the options, on one CPU.
 * Options that the command lacks have their defaults. The caller adds the clock and what to run.
 */
struct vm_request request_from_options(const struct options *options);

#endif
