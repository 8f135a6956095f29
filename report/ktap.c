// SPDX-License-Identifier: GPL-2.0-or-later
/* KTAP: a refusal is a skipped test, the self-check is the last test of each run. */
#include "report.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "figures.h"

static void print_result(const json_t *result, size_t number, const char *suffix, FILE *out)
{
	const char *status = json_string_value(json_object_get(result, "status"));
	const char *reason = json_string_value(json_object_get(result, "reason"));
	cleanup_free char *name = experiment_test_name(result);
	bool failed = !strcmp(status, "failed");

	fprintf(out, "%s %zu %s%s", failed ? "not ok" : "ok", number, name, suffix);
	if (!strcmp(status, "refused"))
		fprintf(out, " # SKIP %s", reason ? reason : "refused");
	fputc('\n', out);
	if (failed)
		fprintf(out, "# %s\n", reason ? reason : "failed");
}

/* Returns the number of the next test. */
static size_t print_run(const json_t *run, size_t number, const char *suffix, FILE *out)
{
	const json_t *self_check = json_object_get(document_environment(run), "self_check");
	const json_t *results = document_results(run);
	bool ok = json_is_true(json_object_get(self_check, "ok"));

	for (size_t i = 0; i < json_array_size(results); i++)
		print_result(json_array_get(results, i), number++, suffix, out);
	fprintf(out, "%s %zu self_check%s\n", ok ? "ok" : "not ok", number, suffix);
	return number + 1;
}

void report_ktap(const json_t *document, FILE *out)
{
	size_t runs = document_runs(document), tests = 0, number = 1;

	for (size_t i = 0; i < runs; i++) {
		json_t *run = document_run(document, i);

		tests += json_array_size(document_results(run)) + 1;
		json_decref(run);
	}
	fprintf(out, "KTAP version 1\n1..%zu\n", tests);
	for (size_t i = 0; i < runs; i++) {
		json_t *run = document_run(document, i);
		cleanup_free char *suffix = i ? xasprintf(".run%zu", i + 1) : xstrdup("");

		number = print_run(run, number, suffix, out);
		json_decref(run);
	}
}
