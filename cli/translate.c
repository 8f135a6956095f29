// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab translate: translate addresses with every method and compare the results. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "cli/measure.h"
#include "lib/parse_number.h"
#include "report/translation.h"

#define SMALLEST_PAGE_BYTES 4096

static enum exit_code add_translation(const struct options *options, struct plan *plan,
				      const struct translate_spec *spec)
{
	if (spec->pages > 1 && spec->address > UINT64_MAX - (spec->pages - 1) * SMALLEST_PAGE_BYTES)
		return usage_error(options, "%" PRIu64 " pages from 0x%" PRIx64
				   " exceed the last address", spec->pages, spec->address);
	return plan_check_added(plan_add_translation(plan, spec));
}

static enum exit_code add_frame(const struct options *options, struct plan *plan,
				struct translate_spec *spec)
{
	const bool by_pfn = option_given(options, "pfn");

	strcpy(spec->space, by_pfn ? "pfn" : "phys");
	spec->address = by_pfn ? options->pfn : options->phys;
	return add_translation(options, plan, spec);
}

static enum exit_code add_objects(const struct options *options, struct plan *plan,
				  struct translate_spec *spec)
{
	strcpy(spec->space, "objects");
	strcpy(spec->facility, options->facilities.names[0]);
	strcpy(spec->gfp, options->gfps.names[0]);
	spec->objects = options->objects.values[0];
	spec->object_size = options->sizes.values[0];
	spec->mapped = options->map;
	return add_translation(options, plan, spec);
}

static enum exit_code add_addresses(const struct options *options, struct plan *plan,
				    struct translate_spec *spec)
{
	enum exit_code code = EXIT_OK;

	if (option_given(options, "pid"))
		strcpy(spec->space, "process");
	for (char **text = options->operands; *text && !code; text++) {
		if (parse_address(*text, &spec->address))
			return usage_error(options, "invalid address '%s' (decimal, or 0x and "
					   "hexadecimal, below 2^64)", *text);
		code = add_translation(options, plan, spec);
	}
	return code;
}

static enum exit_code read_plan(const struct options *options, struct plan *plan)
{
	cleanup_fclose FILE *in = fopen(options->plan, "re");
	char reason[256] = "only translate lines are allowed here";

	if (!in)
		return usage_error(options, "--plan %s: %s", options->plan, strerror(errno));
	if (plan_read(plan, in, reason, sizeof(reason)) || plan->count || plan->map_count)
		return usage_error(options, "--plan %s: %s", options->plan, reason);
	return EXIT_OK;
}

static enum exit_code build_translate_plan(const struct options *options, struct plan *plan)
{
	struct translate_spec spec;

	if (options->plan)
		return read_plan(options, plan);
	translate_spec_init(&spec);
	spec.pages = options->pages;
	spec.pid = options->pid;
	spec.routes = !options->walk;
	if (option_given(options, "pfn") || option_given(options, "phys"))
		return add_frame(options, plan, &spec);
	if (options->facilities.count)
		return add_objects(options, plan, &spec);
	if (options->operand_count)
		return add_addresses(options, plan, &spec);
	return usage_error(options, "nothing to translate (give ADDRESS, --pfn, --phys, "
			   "--facility or --plan)");
}

static enum exit_code exit_code_of(const struct options *options, const json_t *document)
{
	(void)options;
	return translation_disagreements(document) || translation_invalid(document) ?
	       EXIT_CHECK_FAILED : EXIT_OK;
}

static enum exit_code cmd_translate(struct options *options)
{
	const struct query query = {
		.answers = "lookups",
		.document = translation_document,
		.print = translation_print,
		.finish = exit_code_of,
	};
	enum exit_code code = query_check_size(options);
	struct plan plan;

	plan_init(&plan);
	if (!code)
		code = build_translate_plan(options, &plan);
	if (!code)
		code = query_run(&query, options, &plan);
	plan_release(&plan);
	return code;
}

const struct command translate_command = {
	.name = "translate",
	.bit = CMD_TRANSLATE,
	.run = cmd_translate,
	.summary = "translate an address with every method and compare the results",
	.usage = "translate [OPTION]... ADDRESS...\n"
		"translate [OPTION]... --pfn PFN | --phys ADDRESS\n"
		"translate [OPTION]... --facility NAME [--objects N]\n"
		"translate [OPTION]... --plan FILE",
	.description = "Show each page-table level of an address, the page that it maps, and "
		"whether all methods of translation agree. In the virtual machine, the default, "
		"addresses are those of its kernel. ADDRESS is decimal, or 0x and hexadecimal.",
	.example = "translate --facility kmalloc --objects 3",
	.operand = "ADDRESS",
	.operands_max = 1000,
};
