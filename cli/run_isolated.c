// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_isolated.h"

#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "vm/digest.h"
#include "vm/watch.h"

/* What all machines said. */
struct collection {
	FILE *results;
	char *environment;
	char *inputs;		/* what each was started from */
};

static json_t *record_of(const char *line, size_t length, const char *kind)
{
	json_t *record = json_loadb(line, length, 0, NULL);

	if (!strcmp(json_string_value(json_object_get(record, "record")) ?: "", kind))
		return record;
	json_decref(record);
	return NULL;
}

static bool same_self_check(const char *line, size_t length, const char *other)
{
	json_t *first = json_loadb(line, length, 0, NULL), *second = json_loads(other, 0, NULL);
	bool same = json_equal(json_object_get(first, "self_check"),
			       json_object_get(second, "self_check"));

	json_decref(first);
	json_decref(second);
	return same;
}

static void take_line(struct collection *all, const char *line, size_t length)
{
	json_t *environment = record_of(line, length, "environment");

	if (!environment) {
		fprintf(all->results, "%.*s\n", (int)length, line);
		return;
	}
	json_decref(environment);
	if (all->environment && same_self_check(line, length, all->environment))
		return;
	free(all->environment);
	all->environment = strndup(line, length);
}

static void take(struct collection *all, const struct vm_result *one)
{
	const char *at = one->records, *end = at + one->records_bytes;
	char *inputs = xasprintf("%s%s\n", all->inputs ?: "", one->input_sha256);

	free(all->inputs);
	all->inputs = inputs;
	while (at < end) {
		const char *newline = memchr(at, '\n', end - at) ?: end;

		take_line(all, at, newline - at);
		at = newline + 1;
	}
}

static char *plan_of_one(const struct plan *plan, size_t index)
{
	struct plan one;
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	plan_init(&one);
	strcpy(one.clock, plan->clock);
	plan_add(&one, &plan->experiments[index]);
	plan_write(&one, out);
	fclose(out);
	plan_release(&one);
	return text;
}

/* The last machine's result becomes that of all. */
static void complete(struct collection *all, struct vm_result *result, char **records,
		     size_t *length, double boot_s)
{
	fprintf(all->results, "%s\n", all->environment ?: "");
	fflush(all->results);
	free(result->records);
	result->records = xstrdup(*records);
	result->records_bytes = *length;
	result->boot_s = boot_s;
	digest_bytes(all->inputs, strlen(all->inputs), result->input_sha256);
}

void isolated_run(const struct plan *plan, const struct vm_job *job, struct vm_result *result)
{
	double start = seconds_now(), boot_s = 0;
	struct collection all = { 0 };
	char *records = NULL;
	size_t length;

	all.results = open_memstream(&records, &length);
	*result = (struct vm_result) { .code = EXIT_FINE };
	for (size_t i = 0; i < plan->count && result->code == EXIT_FINE; i++) {
		cleanup_free char *text = plan_of_one(plan, i);
		struct vm_job one = *job;
		double used = seconds_now() - start;

		one.plan = text;
		/* --timeout is of them all. */
		if (job->timeout_s)
			one.timeout_s = used < job->timeout_s ? job->timeout_s - (unsigned int)used : 1;
		vm_result_release(result);
		vm_run(&one, result);
		boot_s += result->boot_s;
		if (result->code == EXIT_FINE)
			take(&all, result);
	}
	if (result->code == EXIT_FINE)
		complete(&all, result, &records, &length, boot_s);
	result->total_s = seconds_now() - start;
	fclose(all.results);
	free(records);
	free(all.environment);
	free(all.inputs);
}
