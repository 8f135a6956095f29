// SPDX-License-Identifier: GPL-2.0-or-later
#include "document.h"

#include <string.h>

#include "base/memory.h"
#include "schema.h"

static bool status_known(const json_t *result)
{
	const char *status = json_string_value(json_object_get(result, "status"));

	return !strcmp(status, "ok") || !strcmp(status, "refused") || !strcmp(status, "failed");
}

static char *add_result(json_t *results, json_t *record)
{
	char *error = NULL;
	json_t *result = schema_copy(result_fields, record, &error);

	if (!result)
		return error;
	json_array_append_new(results, result);
	return status_known(result) ? NULL : xasprintf("field 'status' is not what it should be");
}

static char *set_environment(json_t **environment, json_t *record)
{
	char *error = NULL;

	if (*environment)
		return xasprintf("a second environment");
	*environment = schema_copy(environment_fields, record, &error);
	return error;
}

static char *add_record(json_t *results, json_t **environment, json_t *record)
{
	cleanup_free char *kind = NULL;
	const char *text = json_string_value(json_object_get(record, "record"));

	if (!text)
		return xasprintf("no field 'record'");
	kind = xstrdup(text);
	json_object_del(record, "record");
	if (!strcmp(kind, "result"))
		return add_result(results, record);
	if (!strcmp(kind, "samples"))	/* of a marked experiment: for explaining */
		return NULL;
	if (!strcmp(kind, "environment"))
		return set_environment(environment, record);
	return xasprintf("unknown record '%s'", kind);
}

/* Reads all lines; heartbeats, which begin with a dot, are for people who wait. */
static char *read_records(const char *text, size_t bytes, json_t *results, json_t **environment)
{
	const char *end = text + bytes;

	for (size_t line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t length = (newline ? newline : end) - text;
		cleanup_free char *error = NULL;
		json_error_t fault;
		json_t *record;

		if (length && *text != '.') {
			record = json_loadb(text, length, JSON_REJECT_DUPLICATES, &fault);
			error = json_is_object(record) ?
				add_record(results, environment, record) : xstrdup("not JSON");
			json_decref(record);
		}
		if (error)
			return xasprintf("record line %zu: %s", line, error);
		text += length + 1;
	}
	if (!*environment)
		return xasprintf("the records have no environment");
	return NULL;
}

static void set_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_seconds(json_t *object, const char *name, double seconds)
{
	json_object_set_new(object, name, seconds > 0 ? json_real(seconds) : json_null());
}

static json_t *run_of(const struct run_facts *facts)
{
	json_t *run = json_object();

	set_text(run, "command", facts->command);
	set_text(run, "date", facts->date);
	set_text(run, "kmemlab_version", facts->kmemlab_version);
	set_text(run, "accelerator_reason", facts->accelerator_reason);
	set_text(run, "qemu_version", facts->qemu_version);
	set_text(run, "kernel_package_version", facts->kernel_package_version);
	set_seconds(run, "boot_s", facts->boot_s);
	set_seconds(run, "total_s", facts->total_s);
	return run;
}

/* The host's facts go between the kernel's, where readers look for them. */
static json_t *complete_environment(const json_t *environment, const struct run_facts *facts)
{
	json_t *complete = json_object();
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)environment, name, value) {
		if (!strcmp(name, "clock")) {
			set_text(complete, "target", facts->target);
			set_text(complete, "accelerator", facts->accelerator);
		} else if (!strcmp(name, "taint_delta")) {
			set_text(complete, "input_sha256", facts->input_sha256);
		}
		json_object_set(complete, name, value);
	}
	json_object_set_new(complete, "run", run_of(facts));
	return complete;
}

json_t *document_build(const char *records, size_t bytes, const struct run_facts *facts,
		       char **error)
{
	json_t *results = json_array(), *environment = NULL, *complete;

	*error = read_records(records, bytes, results, &environment);
	if (*error) {
		json_decref(results);
		json_decref(environment);
		return NULL;
	}
	complete = complete_environment(environment, facts);
	json_decref(environment);
	return json_pack("{s:s, s:[{s:o, s:o}]}", "schema", RESULTS_SCHEMA,
			 "runs", "environment", complete, "results", results);
}

static json_t *only_run(const json_t *document)
{
	return json_array_get(json_object_get(document, "runs"), 0);
}

json_t *document_environment(const json_t *document)
{
	return json_object_get(only_run(document), "environment");
}

json_t *document_results(const json_t *document)
{
	return json_object_get(only_run(document), "results");
}
