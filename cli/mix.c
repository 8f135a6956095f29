// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab run --mix: add what each experiment's operations consist of to its result. */
#include "cli/measure.h"

#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "lib/array_size.h"
#include "lib/catalog.h"
#include "report/document.h"
#include "report/metrics.h"

/* Return the elements of an array by name, {"lock cmpxchg": 2}. */
static json_t *named_counts(const json_t *array, const char *count)
{
	json_t *counts = json_object(), *named;
	size_t i;

	json_array_foreach(array, i, named)
		json_object_set(counts, json_str(named, "name", ""), json_at(named, count));
	return counts;
}

static json_t *written_from(const json_t *explanation)
{
	json_t *written = json_deep_copy(json_at(explanation, "written_lines"));

	if (!json_is_object(written))
		return written ?: json_null();
	json_object_set_new(written, "shared_named",
			    named_counts(json_at(written, "shared_named"), "lines"));
	return written;
}

/* Return the result's "mix" from the explanation of all operations. */
static json_t *mix_from(const json_t *explanation)
{
	const json_t *mix = json_at(explanation, "mix"), *memory = json_at(explanation, "memory");

	return json_pack("{s:O, s:O, s:O, s:o, s:O, s:I, s:I, s:I, s:O, s:O, s:O, s:O, s:O, s:O, "
		"s:o}",
		"operations", json_at(explanation, "operations"),
		"instructions", json_at(explanation, "sum"),
		"classes", json_at(mix, "classes"), "named", named_counts(json_at(mix, "named"), "count"),
		"retpolines", json_at(mix, "retpolines"),
		"irqs_off_stretches", json_int(mix, "interrupts_off.stretches", 0),
		"irqs_off_instructions", json_int(mix, "interrupts_off.instructions", 0),
		"irqs_off_longest", json_int(mix, "interrupts_off.longest", 0),
		"loads", json_at(memory, "loads"), "stores", json_at(memory, "stores"),
		"loaded_bytes", json_at(memory, "loaded_bytes"),
		"stored_bytes", json_at(memory, "stored_bytes"),
		"cache_lines", json_at(memory, "cache_lines"), "pages", json_at(memory, "pages"),
		"written_lines", written_from(explanation));
}

/* One CPU is traced. */
static bool can_trace(const struct experiment_spec *spec, const json_t *result)
{
	return json_is(result, "status", "ok") &&
	       !(facility_flags(spec->facility) & KMEMLAB_FACILITY_USER_SPACE) &&
	       !(workload_flags(spec->workload) & KMEMLAB_WORKLOAD_REMOTE) &&
	       spec->cpu_count <= 1 && spec->free_cpu < 1;
}

static enum exit_code check_mix(const json_t *explanation)
{
	const long long mismatches = json_int(explanation, "clock.mismatches", 0);

	if (!mismatches)
		return EXIT_OK;
	log_error("the trace differs from the clock in %lld operations", mismatches);
	return EXIT_CHECK_FAILED;
}

/* Add the mix of one direction. A result without such operations keeps null. */
static enum exit_code add_mix(const struct options *options, const char *kernel,
			      struct experiment_spec spec, const char *direction, json_t *result)
{
	json_t *cost = json_object_get(result, direction), *explanation = NULL;
	struct options trace = *options;
	enum exit_code code;

	if (!json_int(cost, "all.samples", 0))
		return EXIT_OK;
	trace.op = direction;
	trace.state = "all";
	spec.mark = 1;
	spec.pmu = spec.tails = 0;
	code = explain_experiment(kernel, &spec, &trace, &explanation);
	if (!code)
		code = check_mix(explanation);
	if (!code)
		json_object_set_new(cost, "mix", mix_from(explanation));
	json_decref(explanation);
	return code;
}

static bool ends_run(enum exit_code code)
{
	return code == EXIT_INTERRUPTED || code == EXIT_HOST_ERROR;
}

/* Trace an experiment. On errors its mix stays null. */
static enum exit_code add_mixes(const struct options *options, const char *kernel,
				const struct experiment_spec *spec, json_t *result)
{
	static const char *const directions[] = { "alloc", "free" };
	enum exit_code worst = EXIT_OK;

	for (size_t d = 0; d < ARRAY_SIZE(directions) && !ends_run(worst); d++) {
		enum exit_code code = add_mix(options, kernel, *spec, directions[d], result);
		cleanup_free char *title = code ? experiment_title(result) : NULL;

		if (!code)
			continue;
		log_error("no mix of %s, %s, on %s", title, directions[d], kernel);
		worst = ends_run(code) ? code : EXIT_CHECK_FAILED;
	}
	return worst;
}

/* Trace the experiments of a run of the document. */
static enum exit_code mix_add_run(const struct options *options, const char *kernel,
				  const struct plan *plan, json_t *run)
{
	enum exit_code worst = EXIT_OK;
	json_t *result;
	size_t i;

	json_array_foreach(document_results(run), i, result) {
		enum exit_code code;

		if (!can_trace(&plan->experiments[i], result))
			continue;
		log_progress("tracing experiment %zu of %zu", i + 1, plan->count);
		code = add_mixes(options, kernel, &plan->experiments[i], result);
		worst = code ?: worst;
		if (ends_run(code))
			break;
	}
	return worst;
}

enum exit_code mix_add(const struct options *options, const struct plan *plan, json_t *document)
{
	const size_t cpus = options->cpus.count ?: 1, archs = options->archs.count;
	enum exit_code worst = EXIT_OK;

	/* The runs are in the order of measure_all(). */
	for (size_t i = 0; !ends_run(worst) && i < document_runs(document); i++) {
		json_t *run = document_run(document, i);
		struct options one = *options;
		enum exit_code code;

		one.archs.names = &options->archs.names[i / cpus % archs];
		one.cpus.names = options->cpus.count ? &options->cpus.names[i % cpus] : NULL;
		code = mix_add_run(&one, options->kernels.names[i / cpus / archs], plan, run);
		worst = code ?: worst;
		json_decref(run);
	}
	return worst;
}
