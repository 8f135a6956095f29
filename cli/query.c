// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/output_file.h"
#include "lib/array_size.h"
#include "report/report.h"

/* Report the requests that were skipped. Return true if nothing was answered. */
static bool report_skipped(const struct query *query, const struct options *options,
			   const json_t *document)
{
	const json_t *skipped = json_object_get(document, "skipped");
	json_t *record;
	size_t i;

	json_array_foreach(skipped, i, record)
		log_error("%s: %s", options->command->name, json_str(record, "reason", ""));
	return json_array_size(skipped) &&
	       !json_array_size(json_object_get(document, query->answers));
}

static enum exit_code publish_answers(const struct query *query, const struct options *options,
				      const json_t *document)
{
	const struct output outputs[] = {
		{ options->json, report_json },
		{ options->html, query->html },
	};
	bool is_stdout_free;
	enum exit_code code = outputs_write(outputs, ARRAY_SIZE(outputs), document,
					    &is_stdout_free);

	if (!code && is_stdout_free)
		query->print(document, options->verbose, terminal_out());
	if (!code)
		code = output_finish();
	return code ? code : query->finish(options, document);
}

static enum exit_code query_finish(const struct query *query, const struct options *options,
				   const struct measure_target *target,
				   const struct vm_result *result)
{
	struct run_facts facts = target_facts(result, target, options->command_line);
	cleanup_free char *error = NULL;
	json_t *document = query->document(result->records, result->records_bytes, &facts, &error);
	enum exit_code code = EXIT_USAGE;

	if (!document) {
		log_error("incomplete results: %s", error);
		return EXIT_HOST_ERROR;
	}
	if (!report_skipped(query, options, document))
		code = publish_answers(query, options, document);
	json_decref(document);
	return code;
}

enum exit_code query_run(const struct query *query, const struct options *options,
			 struct plan *plan)
{
	const bool counted = !strcmp(options->clock, "instructions");
	struct vm_result result = { .code = EXIT_OK };
	enum exit_code code = options_check_outputs(options);
	struct measure_target target;

	if (code)
		return code;
	strcpy(plan->clock, counted ? "instructions" : "tsc");
	target = target_from_options(options, plan);
	target.vm.clock = counted ? VM_CLOCK_INSTRUCTIONS : VM_CLOCK_NONE;
	target_run(plan, &target, &result);
	code = result.code;
	if (code != EXIT_OK)
		log_error("%s", result.message ?: "the run failed");
	else
		code = query_finish(query, options, &target, &result);
	vm_result_release(&result);
	return code;
}

enum exit_code query_check_size(const struct options *options)
{
	uint64_t objects = options->objects.values[0], size = options->sizes.values[0];
	int64_t bytes;

	if (!__builtin_mul_overflow(objects, size, &bytes))
		return EXIT_OK;
	return usage_error(options,
			   "%" PRIu64 " objects of %" PRIu64 " bytes exceed 2^63 - 1 bytes",
			   objects, size);
}
