// SPDX-License-Identifier: GPL-2.0-or-later
/* kmemlab translate: an address, every level, both ways. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "commands.h"
#include "exec/number.h"
#include "exec/translation.h"
#include "output.h"
#include "question_options.h"
#include "report/translation.h"
#include "road.h"

#define OBJECTS	3	/* unless told: as many as fit on a screen */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help_head[] =
	"Usage: kmemlab translate [OPTION]... ADDRESS...\n"
	"       kmemlab translate [OPTION]... --pfn N | --phys ADDRESS\n"
	"       kmemlab translate [OPTION]... --facility NAME --objects N\n"
	"       kmemlab translate [OPTION]... --plan FILE\n"
	"\n"
	"Shows each level of the page tables that leads to an address, what its page is, and\n"
	"whether all ways to translate it agree. In the virtual machine, by default, the\n"
	"addresses are that kernel's. ADDRESS is decimal, or 0x and hexadecimal.\n"
	"\n"
	"  --pid PID           the addresses are those of a process; self: of the one that asks\n"
	"  --pfn N             the way back from a page frame number\n"
	"  --phys ADDRESS      the way back from a physical address\n"
	"  --plan FILE         the translate lines of a plan instead: all of them in one boot\n"
	"  --pages N           so many pages from each address on\n"
	"  --walk              walk the tables only, ask no other route: cheaper\n"
	"  --map               show the objects to the process too, write here and read there\n"
	"  --verbose           each address in full, however many there are\n"
	"\n";

static const char help_tail[] = "\nExample: kmemlab translate --facility kmalloc --objects 3\n";

enum { OPTION_PID = 1, OPTION_PFN, OPTION_PHYS, OPTION_PAGES, OPTION_PLAN, OPTION_WALK, OPTION_MAP,
       OPTION_VERBOSE };

static const struct option own[] = {
	{ "pid", required_argument, NULL, OPTION_PID },
	{ "pfn", required_argument, NULL, OPTION_PFN },
	{ "phys", required_argument, NULL, OPTION_PHYS },
	{ "pages", required_argument, NULL, OPTION_PAGES },
	{ "plan", required_argument, NULL, OPTION_PLAN },
	{ "walk", no_argument, NULL, OPTION_WALK },
	{ "map", no_argument, NULL, OPTION_MAP },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
};

/* What is asked for. */
struct asked {
	struct question_options options;
	bool process, pfn, phys, mapped, paged, walk;
	const char *plan;
	uint64_t pid, pfn_value, phys_value, pages;
};

static char *read_pid(struct asked *asked, const char *text)
{
	const char *end = text;

	asked->process = true;
	if (!strcmp(text, "self"))
		return NULL;
	if (!number_parse(text, &end, &asked->pid) && !*end && asked->pid &&
	    asked->pid <= INT32_MAX)
		return NULL;
	return xasprintf("a process's number is wanted, or self");
}

static char *read_address(const char *text, uint64_t *address)
{
	if (!address_parse(text, address))
		return NULL;
	return xasprintf("an address is wanted, decimal or 0x and hexadecimal, up to 2^64 - 1");
}

static char *read_own(void *context, int id, const char *text)
{
	struct asked *asked = context;
	const char *end = text;

	switch (id) {
	case OPTION_PID:
		return read_pid(asked, text);
	case OPTION_PFN:
		asked->pfn = true;
		return read_address(text, &asked->pfn_value);
	case OPTION_PHYS:
		asked->phys = true;
		return read_address(text, &asked->phys_value);
	case OPTION_PAGES:
		asked->paged = true;
		if (!number_parse(text, &end, &asked->pages) && !*end && asked->pages &&
		    asked->pages <= TRANSLATE_PAGES_MAX)
			return NULL;
		return xasprintf("a whole number from 1 to %d is wanted", TRANSLATE_PAGES_MAX);
	case OPTION_PLAN:
		asked->plan = text;
		return *text ? NULL : xasprintf("it is empty");
	case OPTION_WALK:
		asked->walk = true;
		return NULL;
	case OPTION_MAP:
		asked->mapped = true;
		return NULL;
	default:
		asked->options.verbose = true;
		return NULL;
	}
}

static enum exit_code wrong(const char *text)
{
	say_error("translate: %s", text);
	return EXIT_USAGE;
}

static enum exit_code check(const struct asked *asked, bool addresses)
{
	const bool facility = asked->options.facility;

	if (addresses + asked->pfn + asked->phys + facility + !!asked->plan > 1)
		return wrong("one of ADDRESS, --pfn, --phys, --facility and --plan at a time");
	if (!addresses && !asked->pfn && !asked->phys && !facility && !asked->plan)
		return wrong("what? An ADDRESS, --pfn, --phys, --facility or --plan is missing");
	if (asked->plan && (asked->paged || asked->walk))
		return wrong("--plan says it all: no --pages and no --walk beside it");
	if (asked->process && !addresses)
		return wrong("--pid goes with an ADDRESS of that process");
	if (asked->mapped && !facility)
		return wrong("--map goes with --facility");
	if (asked->paged && facility)
		return wrong("--pages and --facility: all pages of the objects are shown");
	return EXIT_FINE;
}

static enum exit_code add(struct plan *plan, const struct translate_spec *spec)
{
	/* The smallest page there is: 4 KiB. */
	if (spec->pages > 1 && spec->address > UINT64_MAX - (spec->pages - 1) * 4096) {
		say_error("translate: %" PRIu64 " pages from 0x%" PRIx64
			  " go beyond the last address", spec->pages, spec->address);
		return EXIT_USAGE;
	}
	if (!plan_add_translation(plan, spec))
		return EXIT_FINE;
	say_error("out of memory");
	return EXIT_TROUBLE;
}

static enum exit_code add_back(struct plan *plan, struct translate_spec *spec,
			       const struct asked *asked)
{
	strcpy(spec->space, "phys");
	spec->address = asked->phys_value;
	if (asked->pfn) {
		strcpy(spec->space, "pfn");
		spec->address = asked->pfn_value;
	}
	return add(plan, spec);
}

static enum exit_code add_objects(struct plan *plan, struct translate_spec *spec,
				  const struct question_options *options, bool mapped)
{
	strcpy(spec->space, "objects");
	strcpy(spec->facility, options->facility);
	strcpy(spec->gfp, options->gfp);
	spec->objects = options->objects ? options->objects : OBJECTS;
	spec->object_size = options->object_size;
	spec->mapped = mapped;
	return add(plan, spec);
}

static enum exit_code read_plan(struct plan *plan, const char *path)
{
	cleanup_fclose FILE *in = fopen(path, "re");
	char error[256] = "only translate lines are answered here";

	if (!in)
		say_error("translate: --plan %s: %s", path, strerror(errno));
	else if (plan_read(plan, in, error, sizeof(error)) || plan->count || plan->map_count)
		say_error("translate: --plan %s: %s", path, error);
	else
		return EXIT_FINE;
	return EXIT_USAGE;
}

static enum exit_code make_plan(struct plan *plan, const struct asked *asked, char **addresses)
{
	struct translate_spec spec;
	enum exit_code code = EXIT_FINE;

	if (asked->plan)
		return read_plan(plan, asked->plan);
	translate_spec_init(&spec);
	spec.pages = asked->pages;
	spec.pid = asked->pid;
	spec.routes = !asked->walk;
	if (asked->pfn || asked->phys)
		return add_back(plan, &spec, asked);
	if (asked->options.facility)
		return add_objects(plan, &spec, &asked->options, asked->mapped);
	if (asked->process)
		strcpy(spec.space, "process");
	for (; *addresses && !code; addresses++) {
		cleanup_free char *error = read_address(*addresses, &spec.address);

		if (error) {
			say_error("translate: '%s': %s", *addresses, error);
			return EXIT_USAGE;
		}
		code = add(plan, &spec);
	}
	return code;
}

static enum exit_code judge(const json_t *document)
{
	return translation_disagreements(document) ? EXIT_RECORD_FAILED : EXIT_FINE;
}

static enum exit_code ask(const struct asked *asked, char **addresses, const char *command)
{
	const struct question question = {
		.name = "translate",
		.command = command,
		.answers = "answers",
		.document = translation_document,
		.print = translation_print,
		.judge = judge,
	};
	struct plan plan;
	enum exit_code code;

	plan_init(&plan);
	code = make_plan(&plan, asked, addresses);
	if (!code)
		code = question_carry_out(&question, &plan, &asked->options);
	plan_release(&plan);
	return code;
}

enum exit_code cmd_translate(int argc, char **argv)
{
	cleanup_free char *command = road_command_line(argc, argv);
	struct asked asked = { .pages = 1 };
	enum exit_code code;

	code = question_options_read(&asked.options, "translate", own, COUNT(own), read_own, &asked,
				     argc, argv);
	if (code)
		return code;
	if (asked.options.help) {
		printf("%s%s\n%s%s", help_head, question_set_help, question_target_help, help_tail);
		return output_finish();
	}
	code = check(&asked, optind < argc);
	return code ? code : ask(&asked, argv + optind, command);
}
