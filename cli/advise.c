// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab advise: rank the facilities that meet the requirements. */
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "cli/output_file.h"
#include "cli/result_store.h"
#include "report/advice.h"
#include "report/document.h"
#include "report/format.h"
#include "report/report.h"

/* From this number on some facilities take minutes on an emulated CPU. */
#define MANY_OBJECTS	200000

/* Return true if there are only calibration facilities, which are never advised. */
static bool has_no_allocator(const struct name_list *facilities)
{
	for (size_t i = 0; i < facilities->count; i++)
		if (!name_only_on_request(facilities->names[i]))
			return false;
	return true;
}

static enum exit_code measure_facilities(struct options *options, json_t **document)
{
	const struct requirements *requirements = &options->requirements;
	enum exit_code code;
	struct plan plan;

	name_list_add(&options->workloads, "pair");
	name_list_add(&options->workloads, "batch");
	name_list_add(&options->gfps, requirements_gfp(requirements));
	name_list_add(&options->conditions, "fresh");
	number_list_read(&options->cpu_counts, "1");
	options->seed = 1;
	options->repeats = 1;
	plan_init(&plan);
	code = plan_build(&plan, options);
	if (!code && requirements->objects >= MANY_OBJECTS)
		log_notice("measuring %s of each facility in %s; some may take minutes each "
			   "(use --facility and --layouts to measure less)",
			   format_counted(requirements->objects, "object").text,
			   format_counted(options->layouts, "boot").text);
	if (!code)
		code = measure_all(options, &plan, document);
	if (!code && !options->no_store)
		result_keep(*document, NULL, &options->tags);
	plan_release(&plan);
	return code;
}

static bool list_contains(const struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->names[i], name))
			return true;
	return false;
}

/* Load the results and keep those of the facilities that --facility names. */
static enum exit_code load_facilities(const struct options *options, json_t **document)
{
	const struct name_list *facilities = &options->facilities;
	enum exit_code code = result_load("advise: --from", options->from, document);
	json_t *results;

	if (code || !option_given(options, "facility"))
		return code;
	results = document_results(*document);
	for (size_t i = json_array_size(results); i--;)
		if (!list_contains(facilities,
				   json_str(json_array_get(results, i), "facility", "")))
			json_array_remove(results, i);
	if (json_array_size(results))
		return EXIT_OK;
	return usage_error(options, "--from %s has no results of --facility %s%s", options->from,
			   facilities->names[0], facilities->count > 1 ? ",..." : "");
}

static enum exit_code print_advice(const struct options *options, const json_t *document)
{
	const struct output json = { options->json, report_json };
	cleanup_free char *error = NULL;
	json_t *advice = advice_build(document, &options->requirements, &error);
	enum exit_code code;
	bool is_stdout_free;

	if (!advice)
		return usage_error(options, "%s", error);
	code = outputs_write(&json, 1, advice, &is_stdout_free);
	if (!code && is_stdout_free)
		advice_table(advice, terminal_out());
	if (!code)
		code = output_finish();
	if (!code && !json_array_size(json_object_get(advice, "ranking")))
		code = EXIT_USAGE;
	json_decref(advice);
	return code;
}

static enum exit_code set_requirements(struct options *options)
{
	struct requirements *requirements = &options->requirements;

	if (has_no_allocator(&options->facilities))
		return usage_error(options, "--facility %s allocates no memory (see 'kmemlab list "
				   "facilities')", options->facilities.names[0]);
	requirements->object_size = options->sizes.values[0];
	requirements->objects = options->objects.values[0];
	if (options->lifetime)
		requirements->lifetime = strcmp(options->lifetime, "long") ? LIFETIME_SHORT :
									     LIFETIME_LONG;
	return options_check_outputs(options);
}

static enum exit_code cmd_advise(struct options *options)
{
	enum exit_code code = set_requirements(options);
	json_t *document = NULL;

	if (!code)
		code = options->from ? load_facilities(options, &document) :
				       measure_facilities(options, &document);
	if (!code)
		code = print_advice(options, document);
	json_decref(document);
	return code;
}

const struct command advise_command = {
	.name = "advise",
	.bit = CMD_ADVISE,
	.run = cmd_advise,
	.summary = "rank the facilities that meet given requirements",
	.usage = "advise [OPTION]...",
	.description = "Show which facilities suit the required objects: a ranking with reasons, "
		"what is excluded and why, and example code. Measures pair and batch, or uses "
		"existing results.",
	.example = "advise --size 192 --objects 10000 --atomic --lifetime short",
};
