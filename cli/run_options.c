// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_options.h"

#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "exec/nearest.h"
#include "exec/number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMORY_MIB_MAX (1U << 20)

const char run_help[] =
	"Usage: kmemlab run [OPTION]...\n"
	"\n"
	"Allocates objects in a kernel with each allocation facility, proves where they\n"
	"lie, and shows what each operation cost. By default in a throw-away virtual\n"
	"machine with a stock kernel: 2,000 objects of 32 bytes, every facility, pair and\n"
	"batch.\n"
	"\n"
	"The experiments (LIST: commas; A..BxK multiplies, A..B+K steps; K, M, G):\n"
	"  --facility LIST     names from 'kmemlab list facilities', or all\n"
	"  --workload LIST     names from 'kmemlab list workloads', or all\n"
	"  --objects LIST      how many objects are live at once\n"
	"  --size LIST         bytes an object\n"
	"  --gfp LIST          GFP profiles\n"
	"  --seed N            for everything that is drawn by lot\n"
	"  --plan FILE         experiments from a file instead of the options above\n"
	"  --clock CLOCK       instructions (default in the virtual machine) or time\n"
	"\n"
	"Where they run:\n"
	"  --target TARGET     vm (default), or host: this machine's own kernel, as root\n"
	"  --kernel KERNEL     a version (6.1.0-56), series (6.1), suite (bookworm) or default\n"
	"  --arch ARCH         of the virtual machine: amd64\n"
	"  --memory MIB        of the virtual machine, 512 unless told\n"
	"  --append ARGS       more for the virtual machine's kernel command line\n"
	"  --timeout SECONDS   give up after so long\n"
	"  --boot              really boot, even where a machine was saved that has\n"
	"  --isolate           start each experiment from the same machine, as if it were alone\n"
	"\n"
	"What becomes of the results (FILE may be -, and then no table is printed):\n"
	"  --json FILE         the whole document, see docs/results.md\n"
	"  --csv FILE          one row an experiment\n"
	"  --ktap FILE         one test an experiment\n"
	"  --quiet             results and errors only\n"
	"  --verbose           each experiment in full below the table\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab run --facility kmalloc,page --size 32..4096x2 --json sizes.json\n";

enum option_id {
	OPTION_FACILITY = 1, OPTION_WORKLOAD, OPTION_OBJECTS, OPTION_SIZE, OPTION_GFP,
	OPTION_SEED, OPTION_PLAN, OPTION_CLOCK, OPTION_TARGET, OPTION_KERNEL, OPTION_ARCH,
	OPTION_MEMORY, OPTION_APPEND, OPTION_TIMEOUT, OPTION_JSON, OPTION_CSV, OPTION_KTAP,
	OPTION_QUIET, OPTION_VERBOSE, OPTION_HELP, OPTION_BOOT, OPTION_ISOLATE,
};

static const struct option long_options[] = {
	{ "facility", required_argument, NULL, OPTION_FACILITY },
	{ "workload", required_argument, NULL, OPTION_WORKLOAD },
	{ "objects", required_argument, NULL, OPTION_OBJECTS },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "gfp", required_argument, NULL, OPTION_GFP },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "plan", required_argument, NULL, OPTION_PLAN },
	{ "clock", required_argument, NULL, OPTION_CLOCK },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "arch", required_argument, NULL, OPTION_ARCH },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "append", required_argument, NULL, OPTION_APPEND },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ "csv", required_argument, NULL, OPTION_CSV },
	{ "ktap", required_argument, NULL, OPTION_KTAP },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "boot", no_argument, NULL, OPTION_BOOT },
	{ "isolate", no_argument, NULL, OPTION_ISOLATE },
	{ 0 }
};

#define OPTION_COUNT (COUNT(long_options) - 1)

/* Options that lead nowhere beside these two. */
#define EXPERIMENT_OPTIONS (1U << OPTION_FACILITY | 1U << OPTION_WORKLOAD | 1U << OPTION_OBJECTS | \
			    1U << OPTION_SIZE | 1U << OPTION_GFP | 1U << OPTION_SEED)
#define VM_OPTIONS (1U << OPTION_KERNEL | 1U << OPTION_ARCH | 1U << OPTION_MEMORY | \
		    1U << OPTION_APPEND | 1U << OPTION_BOOT | 1U << OPTION_ISOLATE)

static const char *option_name(unsigned int id)
{
	return long_options[id - 1].name;
}

static char *read_numbers(struct number_list *list, const char *text)
{
	number_list_release(list);
	return number_list_read(list, text);
}

static char *read_names(struct name_list *list, const char *text, const struct name_table *table)
{
	name_list_release(list);
	return name_list_read(list, text, table);
}

static char *read_number(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	const char *end = text;
	int error = number_parse(text, &end, value);

	if (!error && !*end && *value >= least && *value <= most)
		return NULL;
	return xasprintf("a whole number from %" PRIu64 " to %" PRIu64 " is wanted", least, most);
}

static char *read_unsigned(const char *text, unsigned int most, unsigned int *value)
{
	uint64_t number = 0;
	char *error = read_number(text, 1, most, &number);

	*value = number;
	return error;
}

static char *read_word(const char *text, const char *first, const char *second)
{
	if (!strcmp(text, first) || (second && !strcmp(text, second)))
		return NULL;
	if (!second)
		return xasprintf("only %s is possible", first);
	return xasprintf("it can be %s or %s", first, second);
}

static char *read_text(const char *text, const char **value)
{
	*value = text;
	return *text ? NULL : xasprintf("it is empty");
}

/* The shell's ways to name standard output all mean "-". */
static char *read_file(const char *text, const char **value)
{
	bool is_stdout = !strcmp(text, "/dev/stdout") || !strcmp(text, "/dev/fd/1");

	return read_text(is_stdout ? "-" : text, value);
}

static char *read_target(struct run_options *options, const char *text)
{
	options->on_host = !strcmp(text, "host");
	return read_word(text, "vm", "host");
}

static char *read_option(struct run_options *options, int id, const char *text)
{
	switch (id) {
	case OPTION_FACILITY:
		return read_names(&options->facilities, text, &facility_names);
	case OPTION_WORKLOAD:
		return read_names(&options->workloads, text, &workload_names);
	case OPTION_OBJECTS:
		return read_numbers(&options->objects, text);
	case OPTION_SIZE:
		return read_numbers(&options->sizes, text);
	case OPTION_GFP:
		return read_names(&options->gfps, text, NULL);
	case OPTION_SEED:
		return read_number(text, 0, INT64_MAX, &options->seed);
	case OPTION_PLAN:
		return read_text(text, &options->plan_file);
	case OPTION_CLOCK:
		options->clock = text;
		return read_word(text, "instructions", "time");
	case OPTION_TARGET:
		return read_target(options, text);
	case OPTION_KERNEL:
		return read_text(text, &options->kernel);
	case OPTION_ARCH:
		options->arch = text;
		return read_word(text, "amd64", NULL);
	case OPTION_MEMORY:
		return read_unsigned(text, MEMORY_MIB_MAX, &options->memory_mib);
	case OPTION_APPEND:
		options->append = text;
		return strchr(text, '\n') ? xasprintf("one line is wanted") : NULL;
	case OPTION_TIMEOUT:
		return read_unsigned(text, INT_MAX, &options->timeout_s);
	case OPTION_JSON:
		return read_file(text, &options->json);
	case OPTION_CSV:
		return read_file(text, &options->csv);
	case OPTION_KTAP:
		return read_file(text, &options->ktap);
	case OPTION_QUIET:
		options->quiet = true;
		return NULL;
	case OPTION_VERBOSE:
		options->verbose = true;
		return NULL;
	case OPTION_BOOT:
		options->boot = true;
		return NULL;
	case OPTION_ISOLATE:
		options->isolate = true;
		return NULL;
	default:
		options->help = true;
		return NULL;
	}
}

static enum exit_code say_unknown(const char *text)
{
	const char *names[OPTION_COUNT];
	const char *meant;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = long_options[i].name;
	meant = nearest_name(text + strspn(text, "-"), names, OPTION_COUNT);
	if (meant)
		say_error("run: unknown option '%s': did you mean '--%s'?", text, meant);
	else
		say_error("run: unknown option '%s': 'kmemlab run --help' shows them all", text);
	return EXIT_USAGE;
}

static enum exit_code say_conflict(unsigned int seen, const char *with, const char *why)
{
	say_error("run: --%s and %s: %s", option_name(__builtin_ctz(seen)), with, why);
	return EXIT_USAGE;
}

static enum exit_code check_files(const struct run_options *options)
{
	const char *const paths[] = { options->json, options->csv, options->ktap };

	for (size_t i = 0; i < COUNT(paths); i++) {
		for (size_t j = 0; paths[i] && j < i; j++) {
			if (!paths[j] || strcmp(paths[i], paths[j]))
				continue;
			say_error("run: --%s and --%s name the same file '%s'",
				  option_name(OPTION_JSON + j), option_name(OPTION_JSON + i),
				  paths[i]);
			return EXIT_USAGE;
		}
	}
	return EXIT_FINE;
}

static enum exit_code check_together(const struct run_options *options, unsigned int seen)
{
	if (options->plan_file && (seen & EXPERIMENT_OPTIONS))
		return say_conflict(seen & EXPERIMENT_OPTIONS, "--plan",
				    "the plan's file says the experiments");
	if (options->on_host && (seen & VM_OPTIONS))
		return say_conflict(seen & VM_OPTIONS, "--target host",
				    "it is the virtual machine's option");
	if (options->on_host && options->clock && strcmp(options->clock, "time"))
		return say_conflict(1U << OPTION_CLOCK, "--target host",
				    "instructions are counted in the virtual machine only");
	return check_files(options);
}

static void set_defaults(struct run_options *options)
{
	*options = (struct run_options) {
		.seed = 1,
		.kernel = "default",
		.arch = "amd64",
		.memory_mib = 512,
	};
	name_list_read(&options->facilities, "all", &facility_names);
	name_list_read(&options->workloads, "pair,batch", &workload_names);
	name_list_read(&options->gfps, "kernel", NULL);
	number_list_read(&options->objects, "2000");
	number_list_read(&options->sizes, "32");
}

enum exit_code run_options_read(struct run_options *options, int argc, char **argv)
{
	unsigned int seen = 0;
	int id;

	set_defaults(options);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		cleanup_free char *error = NULL;

		if (id == ':') {
			say_error("run: --%s wants a value", option_name(optopt));
			return EXIT_USAGE;
		}
		if (id == '?')
			return say_unknown(argv[optind - 1]);
		if (seen & 1U << id) {
			say_error("run: --%s is given twice", option_name(id));
			return EXIT_USAGE;
		}
		seen |= 1U << id;
		error = read_option(options, id, optarg);
		if (error) {
			say_error("run: --%s %s: %s", option_name(id), optarg, error);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		say_error("run: '%s' is no option: 'kmemlab run --help' shows them all",
			  argv[optind]);
		return EXIT_USAGE;
	}
	return options->help ? EXIT_FINE : check_together(options, seen);
}

void run_options_release(struct run_options *options)
{
	name_list_release(&options->facilities);
	name_list_release(&options->workloads);
	name_list_release(&options->gfps);
	number_list_release(&options->objects);
	number_list_release(&options->sizes);
}
