// SPDX-License-Identifier: GPL-2.0-or-later
#include "named_results.h"

#include "base/json_path.h"
#include "base/memory.h"

const struct run_label run_labels[] = {
	{ "kernel", "kernel.release" },
	{ "arch", "kernel.arch" },
	{ "target", "target" },
	{ "clock", "clock.unit" },
	{ "layout", "machine.layout" },
};

const size_t run_label_count = ARRAY_SIZE(run_labels);

char *run_suffix(size_t run)
{
	return run ? xasprintf(".run%zu", run + 1) : xstrdup("");
}

/*
 * Return a test name with the number of results of this name. Experiments that differ only in a
 * parameter without a suffix, such as the seed, have the same one.
 */
static char *unique_name(const json_t *result, json_t *counts, const char *suffix)
{
	cleanup_free char *name = experiment_test_name(result);
	const json_int_t count = json_integer_value(json_object_get(counts, name)) + 1;

	json_object_set_new(counts, name, json_integer(count));
	return count > 1 ? xasprintf("%s.no%lld%s", name, (long long)count, suffix) :
			   xasprintf("%s%s", name, suffix);
}

struct named_results named_results_of(const json_t *document)
{
	struct named_results results = { 0 };
	json_t *run, *result;
	size_t i, j;

	json_array_foreach(json_object_get(document, "runs"), i, run) {
		cleanup_free char *suffix = run_suffix(i);
		json_t *counts = json_object();

		json_array_foreach(json_at(run, "results"), j, result)
			*array_add(&results.list, &results.count) = (struct named_result) {
				i, json_at(run, "environment"), result,
				unique_name(result, counts, suffix)
			};
		json_decref(counts);
	}
	return results;
}

const json_t *named_value(const struct named_result *named, const struct metric *metric)
{
	return !json_is(named->result, "status", "ok") ? NULL : metric_value(named->result, metric);
}

void named_results_release(struct named_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		free(results->list[i].name);
	free(results->list);
}
