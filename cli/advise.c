// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab advise: which facility for these objects, and what the choice costs. */
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "cli/commands.h"
#include "cli/kept.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/road.h"
#include "cli/run_plan.h"
#include "report/advice.h"
#include "report/document.h"
#include "report/format.h"
#include "report/report.h"

static const char help[] =
	"Usage: kmemlab advise [OPTION]...\n"
	"\n"
	"Says which facility suits these objects: a ranking with reasons, what is ruled out\n"
	"and why, and the C to write. From a measurement made now, or from results.\n"
	"\n"
	"What is needed:\n"
	"  --size N            bytes an object, 32 unless told\n"
	"  --objects N         how many, 2000 unless told\n"
	"  --contiguous        each object's frames side by side, as for a device\n"
	"  --atomic            where sleeping is forbidden\n"
	"  --dma32             below 4 GiB\n"
	"  --zeroed            cleared\n"
	"  --cpus N            how many CPUs allocate\n"
	"  --lifetime WHICH    short: cost counts; long: memory counts; unless told, both\n"
	"\n"
	"From what:\n"
	"  --from RESULT       a file of 'run --json' or a kept result, instead of measuring\n"
	"  --json FILE         the whole advice, see docs/results.md; - is standard output\n"
	"  --facility LIST  --clock CLOCK  --target TARGET  --kernel KERNEL  --arch ARCH\n"
	"  --memory MIB  --append ARGS  --layouts K  --timeout SECONDS  --tag LIST  --no-store\n"
	"  --quiet             as 'kmemlab run --help' says; --layouts is 2 unless told\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab advise --size 192 --objects 10000 --atomic --lifetime short\n";

enum own_option {
	OWN_CONTIGUOUS = OPTION_EXTENSION, OWN_ATOMIC, OWN_DMA32, OWN_ZEROED, OWN_CPUS,
	OWN_LIFETIME, OWN_FROM, OWN_JSON,
};

static const struct option own_options[] = {
	{ "contiguous", no_argument, NULL, OWN_CONTIGUOUS },
	{ "atomic", no_argument, NULL, OWN_ATOMIC },
	{ "dma32", no_argument, NULL, OWN_DMA32 },
	{ "zeroed", no_argument, NULL, OWN_ZEROED },
	{ "cpus", required_argument, NULL, OWN_CPUS },
	{ "lifetime", required_argument, NULL, OWN_LIFETIME },
	{ "from", required_argument, NULL, OWN_FROM },
	{ "json", required_argument, NULL, OWN_JSON },
	{ "align", required_argument, NULL, 0 },
	{ "workload", required_argument, NULL, 0 },
	{ "gfp", required_argument, NULL, 0 },
	{ "condition", required_argument, NULL, 0 },
	{ "repeats", required_argument, NULL, 0 },
	{ "seed", required_argument, NULL, 0 },
	{ "plan", required_argument, NULL, 0 },
	{ "csv", required_argument, NULL, 0 },
	{ "ktap", required_argument, NULL, 0 },
	{ "html", required_argument, NULL, 0 },
	{ "name", required_argument, NULL, 0 },
	{ "repeat-of", required_argument, NULL, 0 },
	{ "verbose", no_argument, NULL, 0 },
	{ "tails", no_argument, NULL, 0 },
	{ "pmu", no_argument, NULL, 0 },
	{ "split-zeroing", no_argument, NULL, 0 },
	{ 0 }
};

struct advise {
	struct run_options options;
	struct need need;
	const char *from, *json;
};

static char *read_lifetime(struct need *need, const char *text)
{
	if (!strcmp(text, "short"))
		need->lifetime = LIFETIME_SHORT;
	else if (!strcmp(text, "long"))
		need->lifetime = LIFETIME_LONG;
	else
		return xstrdup("it can be short or long");
	return NULL;
}

static char *read_cpus(struct need *need, const char *text)
{
	char *end;
	unsigned long cpus = strtoul(text, &end, 10);

	need->cpus = cpus;
	if (*text >= '1' && *text <= '9' && !*end && cpus <= 8192)
		return NULL;
	return xstrdup("a whole number from 1 to 8192 is wanted");
}

static char *read_own(void *context, int id, const char *text)
{
	struct advise *advise = context;

	switch (id) {
	case OWN_CONTIGUOUS:
		advise->need.contiguous = true;
		return NULL;
	case OWN_ATOMIC:
		advise->need.atomic = true;
		return NULL;
	case OWN_DMA32:
		advise->need.dma32 = true;
		return NULL;
	case OWN_ZEROED:
		advise->need.zeroed = true;
		return NULL;
	case OWN_CPUS:
		return read_cpus(&advise->need, text);
	case OWN_LIFETIME:
		return read_lifetime(&advise->need, text);
	case OWN_FROM:
		advise->from = text;
		break;
	default:
		advise->json = text;
		break;
	}
	return *text ? NULL : xstrdup("it is empty");
}

/* The instrument's own ones are measured where they are asked for, and never advised. */
static bool advises_nothing(const struct name_list *facilities)
{
	for (size_t i = 0; i < facilities->count; i++)
		if (!name_only_on_request(facilities->names[i]))
			return false;
	return true;
}

static enum exit_code check_need(struct advise *advise)
{
	if (advise->from && advise->options.seen_way) {
		say_error("advise: --%s and --from: results are there, nothing is measured",
			  advise->options.seen_way);
		return EXIT_USAGE;
	}
	if (advises_nothing(&advise->options.facilities)) {
		say_error("advise: --facility %s allocates nothing: "
			  "'kmemlab list facilities' shows what does",
			  advise->options.facilities.names[0]);
		return EXIT_USAGE;
	}
	if (advise->options.sizes.count != 1 || advise->options.objects.count != 1) {
		say_error("advise: one %s is wanted, not a list",
			  advise->options.sizes.count != 1 ? "--size" : "--objects");
		return EXIT_USAGE;
	}
	advise->need.object_size = advise->options.sizes.values[0];
	advise->need.objects = advise->options.objects.values[0];
	return advise->json ? output_check(advise->json) : EXIT_FINE;
}

/* From here on some facilities take minutes where the CPU is emulated. */
#define MANY_OBJECTS	200000

/* What takes long is announced, so that nobody takes it for a hang. */
static void announce(const struct run_options *options, const struct need *need)
{
	if (need->objects < MANY_OBJECTS)
		return;
	say_note("measuring %s of each facility in %s: some may take minutes each; "
		 "--facility and --layouts make it less",
		 format_counted(need->objects, "object").text,
		 format_counted(options->layouts, "boot").text);
}

static enum exit_code measure(struct advise *advise, const char *command, json_t **document)
{
	struct run_options *options = &advise->options;
	enum exit_code code;
	struct plan plan;

	plan_init(&plan);
	name_list_release(&options->gfps);
	name_list_read(&options->gfps, need_gfp(&advise->need), &gfp_names);
	code = run_plan_make(&plan, options);
	if (!code)
		announce(options, &advise->need);
	if (!code)
		code = road_take(&plan, options, command, document);
	if (!code && !options->no_store)
		kept_add(*document, NULL, &options->tags);
	plan_release(&plan);
	return code;
}

static bool is_listed(const struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (name && !strcmp(list->names[i], name))
			return true;
	return false;
}

/* Results of facilities that nobody asked for are left out. */
static enum exit_code load(struct advise *advise, json_t **document)
{
	const struct name_list *facilities = &advise->options.facilities;
	enum exit_code code = kept_load("advise: --from", advise->from, document);
	json_t *results;

	if (code || !advise->options.seen_facilities)
		return code;
	results = document_results(*document);
	for (size_t i = json_array_size(results); i--;) {
		const json_t *name = json_object_get(json_array_get(results, i), "facility");

		if (!is_listed(facilities, json_string_value(name)))
			json_array_remove(results, i);
	}
	if (json_array_size(results))
		return EXIT_FINE;
	say_error("advise: --facility %s%s: %s has no results of it", facilities->names[0],
		  facilities->count > 1 ? ",..." : "", advise->from);
	return EXIT_USAGE;
}

static enum exit_code show(const struct advise *advise, const json_t *document)
{
	cleanup_free char *error = NULL;
	json_t *advice = advice_build(document, &advise->need, &error);
	enum exit_code code;

	if (!advice) {
		say_error("advise: %s", error);
		return EXIT_USAGE;
	}
	code = advise->json ? output_write(advise->json, advice, report_json) : EXIT_FINE;
	if (!code && (!advise->json || strcmp(advise->json, "-")))
		code = output_write("-", advice, advice_table);
	if (!code)
		code = output_finish();
	if (!code && !json_array_size(json_object_get(advice, "ranking")))
		code = EXIT_USAGE;
	json_decref(advice);
	return code;
}

enum exit_code cmd_advise(int argc, char **argv)
{
	cleanup_free char *command = road_command_line(argc, argv);
	struct advise advise = { .need = { .cpus = 1 } };
	const struct option_extension extension = {
		.command = "advise", .options = own_options, .read = read_own, .context = &advise,
		.layouts = 2,
	};
	enum exit_code code = run_options_read_for(&extension, &advise.options, argc, argv);
	json_t *document = NULL;

	if (!code && advise.options.help) {
		fputs(help, stdout);
		code = output_finish();
	} else if (!code) {
		say_quiet(advise.options.quiet);
		code = check_need(&advise);
		if (!code && advise.from)
			code = load(&advise, &document);
		else if (!code)
			code = measure(&advise, command, &document);
		if (!code)
			code = show(&advise, document);
	}
	json_decref(document);
	run_options_release(&advise.options);
	return code;
}
