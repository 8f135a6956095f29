// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab map: show the use and the fragmentation of physical memory. */
#include <errno.h>
#include <string.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/terminal.h"
#include "cli/measure.h"
#include "lib/catalog.h"
#include "report/map.h"

static enum exit_code write_picture(const struct options *options, const json_t *document)
{
	cleanup_free char *error = options->png ? map_picture_png(document, options->png) : NULL;

	if (!error)
		return EXIT_OK;
	log_error("%s", error);
	return EXIT_HOST_ERROR;
}

static enum exit_code make_map(const struct options *options)
{
	const struct query query = {
		.answers = "maps",
		.document = map_document,
		.print = map_print,
		.html = map_html,
		.finish = write_picture,
	};
	struct map_spec spec;
	struct plan plan;
	enum exit_code code;

	map_spec_init(&spec);
	if (options->facilities.count) {
		strcpy(spec.facility, options->facilities.names[0]);
		spec.object_size = options->sizes.values[0];
		spec.objects = options->objects.values[0];
	}
	strcpy(spec.gfp, options->gfps.names[0]);
	strcpy(spec.condition, options->conditions.names[0]);
	plan_init(&plan);
	code = plan_check_added(plan_add_map(&plan, &spec));
	if (!code)
		code = query_run(&query, options, &plan);
	plan_release(&plan);
	return code;
}

static json_t *load_map(const struct options *options, const char *path)
{
	size_t bytes;
	cleanup_free char *text = file_read(path, &bytes);
	cleanup_free char *error = NULL;
	json_t *document = text ? map_read(path, text, bytes, &error) : NULL;

	if (!text)
		usage_error(options, "cannot read '%s': %s", path, strerror(errno));
	else if (error)
		usage_error(options, "%s", error);
	return document;
}

static enum exit_code compare_maps(const struct options *options)
{
	cleanup_free char *error = NULL;
	json_t *before, *after = NULL;

	if (options->operand_count != 2)
		return usage_error(options, "--diff requires two files: BEFORE and AFTER");
	before = load_map(options, options->operands[0]);
	if (before)
		after = load_map(options, options->operands[1]);
	if (after)
		error = map_print_diff(before, after, terminal_out());
	if (error)
		usage_error(options, "%s", error);
	json_decref(before);
	json_decref(after);
	return after && !error ? EXIT_OK : EXIT_USAGE;
}

static enum exit_code cmd_map(struct options *options)
{
	const char *facility = options->facilities.count ? options->facilities.names[0] : NULL;
	enum exit_code code;

	if (options->diff)
		return compare_maps(options);
	if (facility && (facility_flags(facility) & KMEMLAB_FACILITY_USER_SPACE))
		return usage_error(options, "--facility %s is user memory, which the module cannot "
				   "hold (use 'kmemlab translate')", facility);
	code = query_check_size(options);
	return code ? code : make_map(options);
}

const struct command map_command = {
	.name = "map",
	.bit = CMD_MAP,
	.run = cmd_map,
	.summary = "show the use and the fragmentation of physical memory",
	.usage = "map [OPTION]...\nmap --diff BEFORE AFTER",
	.description = "Show the users of physical memory by zone and kind, as a picture and in "
		"numbers: free blocks by order, the largest available block, and the pages that "
		"prevent the next larger one.\n"
		"With --facility there are three maps from one boot: before the objects are "
		"allocated, while they are held, and after they are freed.",
	.example = "map --facility page --size 4K --objects 10000",
	.operand = "FILE",
	.operands_max = 2,
};
