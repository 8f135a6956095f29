// SPDX-License-Identifier: GPL-2.0-or-later
#include "run_options.h"

#include <ctype.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "exec/nearest.h"
#include "exec/number.h"
#include "exec/plan.h"
#include "output.h"
#include "store/store.h"
#include "vm/apt.h"
#include "vm/suites.h"
#include "vm/vm.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAYOUTS_MAX 100
#define APPEND_MAX 800	/* ARM kernels take 1,024 in all */
#define ALIGN_MAX (1ULL << 40)
#define REPEATS_MAX 1000000

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
	"  --align N           bytes that each object is aligned to: a power of two\n"
	"  --cpus LIST         how many CPUs allocate at the same time, with --clock time\n"
	"  --gfp LIST          names from 'kmemlab list gfp', or all\n"
	"  --condition LIST    of memory: names from 'kmemlab list conditions'\n"
	"  --repeats N         how often each experiment is done: as many samples more\n"
	"  --seed N            for everything that is drawn by lot\n"
	"  --plan FILE         experiments from a file instead of the options above\n"
	"  --tails             do each once more, untimed: which slow paths are taken\n"
	"  --pmu               do each once more with the CPU's own counters: misses, cycles; always\n"
	"                      with --clock time and --target host\n"
	"  --clock CLOCK       instructions (default in the virtual machine) or time\n"
	"\n"
	"Where they run:\n"
	"  --target TARGET     vm (default), or host: this machine's own kernel, as root\n"
	"  --kernel LIST       versions (6.1.0-56), series (6.1), suites (bookworm), latest or\n"
	"                      default, build trees, or an image; one boot each\n"
	"  --headers DIR       what a kernel image's modules are built with\n"
	"  --arch LIST         of the virtual machine: amd64, arm64, arm64-16k, armhf, armhf-lpae\n"
	"  --board BOARD       virt (pc on amd64), raspi2b, raspi3b\n"
	"  --allow-expired     take package lists whose time has run out\n"
	"  --memory MIB        of the virtual machine, 512 unless told\n"
	"  --append ARGS       more for the virtual machine's kernel command line\n"
	"  --layouts K         boot K times, memory laid out a little differently each time\n"
	"  --split-zeroing     boot twice, with init_on_alloc=1 and 0: what is clearing\n"
	"  --timeout SECONDS   give up after so long\n"
	"  --boot              really boot, even where a machine was saved that has\n"
	"  --isolate           start each experiment from the same machine, as if it were alone\n"
	"  --repeat-of RESULT  the same plan on the same kernel as in a file or kept result,\n"
	"                      and check that the exact figures are the same\n"
	"\n"
	"What becomes of the results (FILE may be -, and then no table is printed):\n"
	"  --json FILE         the whole document, see docs/results.md\n"
	"  --csv FILE          one row an experiment\n"
	"  --ktap FILE         one test an experiment\n"
	"  --html FILE         one page that needs no other file\n"
	"  --name NAME         keep the results under this name\n"
	"  --tag LIST          keep them with these tags\n"
	"  --no-store          do not keep them\n"
	"  --quiet             results and errors only\n"
	"  --verbose           each experiment in full below the table\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab run --facility kmalloc,page --size 32..4096x2 --json sizes.json\n";

enum option_id {
	OPTION_FACILITY = 1, OPTION_WORKLOAD, OPTION_OBJECTS, OPTION_SIZE, OPTION_CPUS,
	OPTION_GFP, OPTION_CONDITION, OPTION_REPEATS, OPTION_SEED, OPTION_PLAN, OPTION_CLOCK, OPTION_TARGET,
	OPTION_KERNEL, OPTION_HEADERS, OPTION_ARCH, OPTION_BOARD, OPTION_ALLOW_EXPIRED,
	OPTION_MEMORY, OPTION_APPEND, OPTION_LAYOUTS,
	OPTION_TIMEOUT, OPTION_REPEAT_OF, OPTION_JSON, OPTION_CSV, OPTION_KTAP, OPTION_HTML, OPTION_NAME,
	OPTION_TAG, OPTION_NO_STORE,
	OPTION_QUIET, OPTION_VERBOSE, OPTION_HELP, OPTION_BOOT, OPTION_ISOLATE,
	OPTION_TAILS, OPTION_PMU, OPTION_ALIGN, OPTION_SPLIT_ZEROING,
};

static const struct option long_options[] = {
	{ "facility", required_argument, NULL, OPTION_FACILITY },
	{ "workload", required_argument, NULL, OPTION_WORKLOAD },
	{ "objects", required_argument, NULL, OPTION_OBJECTS },
	{ "size", required_argument, NULL, OPTION_SIZE },
	{ "cpus", required_argument, NULL, OPTION_CPUS },
	{ "gfp", required_argument, NULL, OPTION_GFP },
	{ "condition", required_argument, NULL, OPTION_CONDITION },
	{ "repeats", required_argument, NULL, OPTION_REPEATS },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "plan", required_argument, NULL, OPTION_PLAN },
	{ "clock", required_argument, NULL, OPTION_CLOCK },
	{ "target", required_argument, NULL, OPTION_TARGET },
	{ "kernel", required_argument, NULL, OPTION_KERNEL },
	{ "headers", required_argument, NULL, OPTION_HEADERS },
	{ "arch", required_argument, NULL, OPTION_ARCH },
	{ "board", required_argument, NULL, OPTION_BOARD },
	{ "allow-expired", no_argument, NULL, OPTION_ALLOW_EXPIRED },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "append", required_argument, NULL, OPTION_APPEND },
	{ "layouts", required_argument, NULL, OPTION_LAYOUTS },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "repeat-of", required_argument, NULL, OPTION_REPEAT_OF },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ "csv", required_argument, NULL, OPTION_CSV },
	{ "ktap", required_argument, NULL, OPTION_KTAP },
	{ "html", required_argument, NULL, OPTION_HTML },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "tag", required_argument, NULL, OPTION_TAG },
	{ "no-store", no_argument, NULL, OPTION_NO_STORE },
	{ "quiet", no_argument, NULL, OPTION_QUIET },
	{ "verbose", no_argument, NULL, OPTION_VERBOSE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "boot", no_argument, NULL, OPTION_BOOT },
	{ "isolate", no_argument, NULL, OPTION_ISOLATE },
	{ "tails", no_argument, NULL, OPTION_TAILS },
	{ "pmu", no_argument, NULL, OPTION_PMU },
	{ "align", required_argument, NULL, OPTION_ALIGN },
	{ "split-zeroing", no_argument, NULL, OPTION_SPLIT_ZEROING },
	{ 0 }
};

#define OPTION_COUNT (COUNT(long_options) - 1)

#define BIT(id) (1ULL << (id))

/* Options that lead nowhere beside others. */
#define EXPERIMENT_OPTIONS (BIT(OPTION_FACILITY) | BIT(OPTION_WORKLOAD) | BIT(OPTION_OBJECTS) | \
			    BIT(OPTION_SIZE) | BIT(OPTION_GFP) | BIT(OPTION_CONDITION) | \
			    BIT(OPTION_REPEATS) | BIT(OPTION_SEED) | BIT(OPTION_CPUS) | \
			    BIT(OPTION_TAILS) | BIT(OPTION_PMU) | BIT(OPTION_ALIGN))
#define KERNEL_OPTIONS (BIT(OPTION_KERNEL) | BIT(OPTION_HEADERS))
#define VM_OPTIONS (KERNEL_OPTIONS | \
		    BIT(OPTION_ARCH) | BIT(OPTION_BOARD) | \
		    BIT(OPTION_MEMORY) | BIT(OPTION_APPEND) | BIT(OPTION_LAYOUTS) | \
		    BIT(OPTION_BOOT) | BIT(OPTION_ISOLATE) | BIT(OPTION_SPLIT_ZEROING))
#define REPEATED_OPTIONS (EXPERIMENT_OPTIONS | VM_OPTIONS | BIT(OPTION_PLAN) | \
			  BIT(OPTION_CLOCK) | BIT(OPTION_TARGET))
/* How to measure, beside what: all that means nothing where results are there already. */
#define WAY_OPTIONS ((REPEATED_OPTIONS | KEEPING_OPTIONS | BIT(OPTION_ALLOW_EXPIRED) | \
		      BIT(OPTION_TIMEOUT) | BIT(OPTION_NO_STORE)) & \
		     ~(BIT(OPTION_FACILITY) | BIT(OPTION_OBJECTS) | BIT(OPTION_SIZE)))
#define KEEPING_OPTIONS (BIT(OPTION_NAME) | BIT(OPTION_TAG))

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

static char *read_unsigned(const char *text, unsigned int least, unsigned int most,
			   unsigned int *value)
{
	uint64_t number = 0;
	char *error = read_number(text, least, most, &number);

	*value = number;
	return error;
}

static char *read_alignment(const char *text, uint64_t *align)
{
	cleanup_free char *error = read_number(text, 1, ALIGN_MAX, align);

	if (!error && !(*align & (*align - 1)))
		return NULL;
	return xasprintf("one power of two up to 2^40 is wanted, such as 64");
}

static char *read_cpu_counts(struct run_options *options, const char *text)
{
	char *error = read_numbers(&options->cpu_counts, text);

	for (size_t i = 0; !error && i < options->cpu_counts.count; i++)
		if (options->cpu_counts.values[i] > PLAN_CPUS_MAX)
			error = xasprintf("at most %d CPUs", PLAN_CPUS_MAX);
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

/* It may be empty; results keep it, and whoever reads those prints it. */
static char *read_line(const char *text, const char **value)
{
	*value = text;
	while (*text && isprint((unsigned char)*text))
		text++;
	return *text ? xasprintf("one line of printable ASCII is wanted") : NULL;
}

static char *read_file(const char *text, const char **value)
{
	return read_text(output_path(text), value);
}

/* Kept as it is given: the road reads the list again. */
static char *read_list(const char *text, const char **value)
{
	struct name_list list = { 0 };
	char *error = name_list_read(&list, text, NULL);

	name_list_release(&list);
	*value = text;
	return error;
}

static char *read_arch(const char *text, const char **archs)
{
	struct name_list list = { 0 };
	char *error = name_list_read(&list, text, NULL);

	for (size_t i = 0; !error && i < list.count; i++)
		if (!arch_find(list.names[i]))
			error = arch_unknown(list.names[i]);
	name_list_release(&list);
	*archs = text;
	return error;
}

static char *read_tags(struct name_list *tags, const char *text)
{
	char *error = read_names(tags, text, NULL);

	for (size_t i = 0; !error && i < tags->count; i++)
		error = store_name_error(tags->names[i]);
	return error;
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
	case OPTION_CPUS:
		return read_cpu_counts(options, text);
	case OPTION_GFP:
		return read_names(&options->gfps, text, &gfp_names);
	case OPTION_CONDITION:
		return read_names(&options->conditions, text, &condition_names);
	case OPTION_REPEATS:
		return read_unsigned(text, 1, REPEATS_MAX, &options->repeats);
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
		return read_list(text, &options->kernel);
	case OPTION_HEADERS:
		return read_text(text, &options->headers);
	case OPTION_ALLOW_EXPIRED:
		apt_allow_expired();
		return NULL;
	case OPTION_ARCH:
		return read_arch(text, &options->arch);
	case OPTION_BOARD:
		return read_text(text, &options->board);
	case OPTION_MEMORY:
		return read_unsigned(text, VM_MEMORY_MIB_MIN, VM_MEMORY_MIB_MAX, &options->memory_mib);
	case OPTION_APPEND:
		if (strlen(text) > APPEND_MAX)
			return xasprintf("at most %d characters are wanted", APPEND_MAX);
		return read_line(text, &options->append);
	case OPTION_LAYOUTS:
		return read_unsigned(text, 1, LAYOUTS_MAX, &options->layouts);
	case OPTION_REPEAT_OF:
		return read_text(text, &options->repeat_of);
	case OPTION_NAME:
		options->name = text;
		return store_name_error(text);
	case OPTION_TAG:
		return read_tags(&options->tags, text);
	case OPTION_NO_STORE:
		options->no_store = true;
		return NULL;
	case OPTION_TIMEOUT:
		return read_unsigned(text, 1, INT_MAX, &options->timeout_s);
	case OPTION_JSON:
		return read_file(text, &options->json);
	case OPTION_CSV:
		return read_file(text, &options->csv);
	case OPTION_KTAP:
		return read_file(text, &options->ktap);
	case OPTION_HTML:
		return read_file(text, &options->html);
	case OPTION_TAILS:
		options->tails = true;
		return NULL;
	case OPTION_ALIGN:
		return read_alignment(text, &options->align);
	case OPTION_PMU:
		options->pmu = true;
		return NULL;
	case OPTION_SPLIT_ZEROING:
		options->split_zeroing = true;
		return NULL;
	case OPTION_QUIET:
		options->quiet = true;
		return NULL;
	case OPTION_BOOT:
		options->boot = true;
		return NULL;
	case OPTION_ISOLATE:
		options->isolate = true;
		return NULL;
	case OPTION_VERBOSE:
		options->verbose = true;
		return NULL;
	default:
		options->help = true;
		return NULL;
	}
}

/* The options of one command: run's own, and what another command has beside or instead. */
struct option_table {
	struct option *options;
	size_t count;
};

static bool has_option(const struct option *options, const char *name)
{
	for (; options && options->name; options++)
		if (!strcmp(options->name, name))
			return true;
	return false;
}

static void add_option(struct option_table *table, const struct option *option)
{
	table->options = xrealloc(table->options, (table->count + 2) * sizeof(*option));
	table->options[table->count++] = *option;
	table->options[table->count] = (struct option) { 0 };
}

static struct option_table options_for(const struct option_extension *extension)
{
	struct option_table table = { 0 };

	for (const struct option *own = extension->options; own && own->name; own++)
		if (own->val)
			add_option(&table, own);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (!has_option(extension->options, long_options[i].name))
			add_option(&table, &long_options[i]);
	return table;
}

static enum exit_code say_unknown(const struct run_options *options,
				  const struct option_table *table, const char *text)
{
	cleanup_free const char **names = xcalloc(table->count, sizeof(*names));
	const char *meant;

	for (size_t i = 0; i < table->count; i++)
		names[i] = table->options[i].name;
	meant = nearest_name(text + strspn(text, "-"), names, table->count);
	if (meant)
		say_error("%s: unknown option '%s': did you mean '--%s'?", options->command, text,
			  meant);
	else
		say_error("%s: unknown option '%s': 'kmemlab %s --help' shows them all",
			  options->command, text, options->command);
	return EXIT_USAGE;
}

static enum exit_code say_conflict(const struct run_options *options, uint64_t seen,
				   const char *with, const char *why)
{
	say_error("%s: --%s and %s: %s", options->command, option_name(__builtin_ctzll(seen)), with,
		  why);
	return EXIT_USAGE;
}

static enum exit_code check_files(const struct run_options *options)
{
	const struct output_option files[] = {
		{ "json", options->json }, { "csv", options->csv },
		{ "ktap", options->ktap }, { "html", options->html },
	};

	return output_check_distinct(options->command, files, COUNT(files));
}

static enum exit_code check_together(const struct run_options *options, uint64_t seen)
{
	/* Where a kernel of one's own is, no result can say. */
	if (options->repeat_of && (seen & REPEATED_OPTIONS & ~KERNEL_OPTIONS))
		return say_conflict(options, seen & REPEATED_OPTIONS & ~KERNEL_OPTIONS,
				    "--repeat-of", "the result that is repeated says it");
	if (options->no_store && (seen & KEEPING_OPTIONS))
		return say_conflict(options, seen & KEEPING_OPTIONS, "--no-store",
				    "only what is kept has it");
	if (options->plan_file && (seen & EXPERIMENT_OPTIONS))
		return say_conflict(options, seen & EXPERIMENT_OPTIONS, "--plan",
				    "the plan's file says the experiments");
	if (options->on_host && (seen & VM_OPTIONS))
		return say_conflict(options, seen & VM_OPTIONS, "--target host",
				    "it is the virtual machine's option");
	if (options->on_host && options->clock && strcmp(options->clock, "time"))
		return say_conflict(options, BIT(OPTION_CLOCK), "--target host",
				    "instructions are counted in the virtual machine only");
	if (options->split_zeroing && (seen & BIT(OPTION_LAYOUTS)))
		return say_conflict(options, BIT(OPTION_LAYOUTS), "--split-zeroing",
				    "two boots are compared, each of one layout");
	if (options->split_zeroing &&
	    (strchr(options->kernel, ',') || strchr(options->arch, ',')))
		return say_conflict(options, BIT(OPTION_SPLIT_ZEROING), "a list of machines",
				    "it tells clearing apart on one kernel and architecture");
	if (options->split_zeroing && options->append && strstr(options->append, "init_on_alloc"))
		return say_conflict(options, BIT(OPTION_APPEND), "--split-zeroing",
				    "it sets init_on_alloc itself");
	return check_files(options);
}

static void set_defaults(struct run_options *options)
{
	*options = (struct run_options) {
		.command = "run",
		.seed = 1,
		.layouts = 1,
		.repeats = 1,
		.kernel = "default",
		.arch = "amd64",
		.memory_mib = 512,
	};
	name_list_read(&options->facilities, "all", &facility_names);
	name_list_read(&options->workloads, "pair,batch", &workload_names);
	name_list_read(&options->gfps, "kernel", &gfp_names);
	name_list_read(&options->conditions, "fresh", &condition_names);
	number_list_read(&options->objects, "2000");
	number_list_read(&options->sizes, "32");
	number_list_read(&options->cpu_counts, "1");
}

static const char *name_of(const struct option_table *table, int id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->options[i].val == id)
			return table->options[i].name;
	return "";
}

static enum exit_code read_all(struct run_options *options,
			       const struct option_extension *extension,
			       const struct option_table *table, int argc, char **argv)
{
	uint64_t seen = 0, seen_more = 0;
	int id;

	while ((id = getopt_long(argc, argv, ":", table->options, NULL)) != -1) {
		bool is_own = id >= OPTION_EXTENSION;
		cleanup_free char *error = NULL;
		uint64_t *mask = is_own ? &seen_more : &seen;
		uint64_t bit = BIT(is_own ? id - OPTION_EXTENSION : id & 63);

		if (id == ':') {
			say_error("%s: --%s wants a value", options->command,
				  name_of(table, optopt));
			return EXIT_USAGE;
		}
		if (id == '?')
			return say_unknown(options, table, argv[optind - 1]);
		if (*mask & bit) {
			say_error("%s: --%s is given twice", options->command, name_of(table, id));
			return EXIT_USAGE;
		}
		*mask |= bit;
		error = is_own ? extension->read(extension->context, id, optarg) :
				 read_option(options, id, optarg);
		if (error) {
			say_error("%s: --%s %s: %s", options->command, name_of(table, id), optarg,
				  error);
			return EXIT_USAGE;
		}
	}
	options->seen_measurement = seen & REPEATED_OPTIONS;
	options->memory_asked = seen & BIT(OPTION_MEMORY);
	options->seen_kernel = seen & KERNEL_OPTIONS;
	options->seen_facilities = seen & BIT(OPTION_FACILITY);
	if (seen & WAY_OPTIONS)
		options->seen_way = option_name(__builtin_ctzll(seen & WAY_OPTIONS));
	if (!extension->takes_operands && optind < argc && !options->help) {
		say_error("%s: '%s' is no option: 'kmemlab %s --help' shows them all",
			  options->command, argv[optind], options->command);
		return EXIT_USAGE;
	}
	return options->help ? EXIT_FINE : check_together(options, seen);
}

enum exit_code run_options_read_for(const struct option_extension *extension,
				    struct run_options *options, int argc, char **argv)
{
	struct option_table table = options_for(extension);
	enum exit_code code;

	set_defaults(options);
	options->command = extension->command;
	if (extension->layouts)
		options->layouts = extension->layouts;
	opterr = 0;
	optind = 1;
	code = read_all(options, extension, &table, argc, argv);
	free(table.options);
	return code;
}

enum exit_code run_options_read(struct run_options *options, int argc, char **argv)
{
	return run_options_read_for(&(struct option_extension) { .command = "run" }, options, argc,
				    argv);
}

void run_options_release(struct run_options *options)
{
	name_list_release(&options->facilities);
	name_list_release(&options->workloads);
	name_list_release(&options->gfps);
	name_list_release(&options->tags);
	name_list_release(&options->conditions);
	number_list_release(&options->objects);
	number_list_release(&options->sizes);
	number_list_release(&options->cpu_counts);
}
