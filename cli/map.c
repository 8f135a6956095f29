// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab map: who uses physical memory, and how fragmented it is. */
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "commands.h"
#include "exec/user.h"
#include "names.h"
#include "output.h"
#include "question_options.h"
#include "report/map.h"
#include "road.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help_head[] =
	"Usage: kmemlab map [OPTION]...\n"
	"       kmemlab map --diff BEFORE AFTER\n"
	"\n"
	"Shows who uses physical memory, by zone and kind, as a picture and in figures: free\n"
	"blocks by order, the largest one, and what stands in the way of the next larger one.\n"
	"With a facility: before, with its objects held, and after, in one boot.\n"
	"\n"
	"  --condition NAME    of memory, from 'kmemlab list conditions': the maps begin so\n"
	"  --png FILE          the picture of the last map as a file\n"
	"  --diff              compare two maps that --json wrote\n"
	"\n";

static const char help_tail[] =
	"\nExample: kmemlab map --facility page --size 4K --objects 10000\n";

enum { OPTION_PNG = 1, OPTION_DIFF, OPTION_CONDITION };

static const struct option own[] = {
	{ "png", required_argument, NULL, OPTION_PNG },
	{ "diff", no_argument, NULL, OPTION_DIFF },
	{ "condition", required_argument, NULL, OPTION_CONDITION },
};

/* What is asked for; judge() has no other way to it. */
static struct asked {
	struct question_options options;
	const char *png, *condition;
	bool diff;
} asked;

static char *read_own(void *context, int id, const char *text)
{
	(void)context;
	if (id == OPTION_DIFF) {
		asked.diff = true;
		return NULL;
	}
	if (id == OPTION_CONDITION) {
		asked.condition = text;
		return name_known(&condition_names, text) ? NULL : name_error(&condition_names, text);
	}
	asked.png = text;
	return *text ? NULL : xasprintf("it is empty");
}

static enum exit_code write_picture(const json_t *document)
{
	cleanup_free char *error = asked.png ? map_picture_png(document, asked.png) : NULL;

	if (!error)
		return EXIT_FINE;
	say_error("%s", error);
	return EXIT_TROUBLE;
}

static enum exit_code ask(const char *command)
{
	const struct question question = {
		.name = "map",
		.command = command,
		.answers = "maps",
		.document = map_document,
		.print = map_print,
		.judge = write_picture,
	};
	const struct question_options *options = &asked.options;
	struct map_spec spec;
	struct plan plan;
	enum exit_code code;

	map_spec_init(&spec);
	if (options->facility) {
		strcpy(spec.facility, options->facility);
		strcpy(spec.gfp, options->gfp);
		spec.object_size = options->object_size;
		spec.objects = options->objects ? options->objects : spec.objects;
	}
	if (asked.condition)
		strcpy(spec.condition, asked.condition);
	plan_init(&plan);
	if (plan_add_map(&plan, &spec)) {
		say_error("out of memory");
		return EXIT_TROUBLE;
	}
	code = asked.png ? output_check(asked.png) : EXIT_FINE;
	if (!code)
		code = question_carry_out(&question, &plan, options);
	plan_release(&plan);
	return code;
}

static json_t *load(const char *path)
{
	json_error_t fault;
	json_t *document = json_load_file(path, 0, &fault);
	const char *schema = json_string_value(json_object_get(document, "schema"));

	if (!document)
		say_error("map: %s: %s", path, fault.text);
	else if (!schema || strcmp(schema, MAP_SCHEMA))
		say_error("map: %s is no map: its schema is not " MAP_SCHEMA, path);
	else
		return document;
	json_decref(document);
	return NULL;
}

static enum exit_code compare(char **files, int count)
{
	cleanup_free char *error = NULL;
	json_t *before, *after = NULL;

	if (count != 2) {
		say_error("map: --diff wants two files: BEFORE and AFTER");
		return EXIT_USAGE;
	}
	before = load(files[0]);
	if (before)
		after = load(files[1]);
	if (after)
		error = map_print_diff(before, after, stdout);
	if (error)
		say_error("map: %s", error);
	json_decref(before);
	json_decref(after);
	return after && !error ? output_finish() : EXIT_USAGE;
}

enum exit_code cmd_map(int argc, char **argv)
{
	cleanup_free char *command = road_command_line(argc, argv);
	enum exit_code code = question_options_read(&asked.options, "map", own, COUNT(own), read_own,
						    NULL, argc, argv);

	if (code)
		return code;
	if (asked.options.help) {
		printf("%s%s\n%s%s", help_head, question_set_help, question_target_help, help_tail);
		return output_finish();
	}
	if (asked.diff && (asked.png || asked.condition || asked.options.facility)) {
		say_error("map: --diff compares two files: no --%s beside it", asked.png ? "png" :
			  asked.condition ? "condition" : "facility");
		return EXIT_USAGE;
	}
	if (asked.diff)
		return compare(argv + optind, argc - optind);
	if (asked.options.facility && !strcmp(asked.options.facility, USER_FACILITY)) {
		say_error("map: --facility %s: the module holds no such objects: 'kmemlab translate' "
			  "shows them", USER_FACILITY);
		return EXIT_USAGE;
	}
	if (optind < argc) {
		say_error("map: '%s' is no option: 'kmemlab map --help' shows them all", argv[optind]);
		return EXIT_USAGE;
	}
	return ask(command);
}
