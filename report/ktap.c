// SPDX-License-Identifier: GPL-2.0-or-later
/* KTAP: a refusal is a skipped test, the self-check is the last test. */
#include "report.h"

#include <string.h>

#include "document.h"

static void print_result(const json_t *result, size_t number, FILE *out)
{
	const char *status = json_string_value(json_object_get(result, "status"));
	const char *reason = json_string_value(json_object_get(result, "reason"));
	bool failed = !strcmp(status, "failed");

	fprintf(out, "%s %zu %s.%s.%lldx%lld", failed ? "not ok" : "ok", number,
		json_string_value(json_object_get(result, "facility")),
		json_string_value(json_object_get(result, "workload")),
		(long long)json_integer_value(json_object_get(result, "objects")),
		(long long)json_integer_value(json_object_get(result, "object_size")));
	if (!strcmp(status, "refused"))
		fprintf(out, " # SKIP %s", reason ? reason : "refused");
	fputc('\n', out);
	if (failed)
		fprintf(out, "# %s\n", reason ? reason : "failed");
}

void report_ktap(const json_t *document, FILE *out)
{
	const json_t *self_check = json_object_get(document_environment(document), "self_check");
	const json_t *results = document_results(document);
	size_t count = json_array_size(results);
	bool ok = json_is_true(json_object_get(self_check, "ok"));

	fprintf(out, "KTAP version 1\n1..%zu\n", count + 1);
	for (size_t i = 0; i < count; i++)
		print_result(json_array_get(results, i), i + 1, out);
	fprintf(out, "%s %zu self_check\n", ok ? "ok" : "not ok", count + 1);
}
