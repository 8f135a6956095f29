// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain_options.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "base/message.h"
#include "exec/number.h"
#include "explain/alignment.h"
#include "names.h"
#include "options.h"
#include "vm/vm.h"

const char explain_help[] =
	"Usage: kmemlab explain FACILITY [OPTION]...\n"
	"Shows where each instruction of an operation goes, by function, on a stock kernel: without\n"
	"debug information and without any change to it. Every operation of the experiment is\n"
	"followed; those that executed the same instructions are one path.\n"
	"\n"
	"  --op OP             alloc (default) or free\n"
	"  --size BYTES        of an object, 32 unless told\n"
	"  --objects N         how many operations to follow, 1000 unless told\n"
	"  --workload NAME     from 'kmemlab list workloads', batch unless told, or cold for --state cold\n"
	"  --gfp NAME          GFP profile from 'kmemlab list gfp', kernel unless told\n"
	"  --seed N            for everything that is drawn by lot\n"
	"  --state STATE       whose tree is shown: steady (the most frequent path, default),\n"
	"                      cold (the first operation's, once the caches on the way to the pages\n"
	"                      were emptied) or refill (the longest)\n"
	"  --blocks            the executed basic blocks as well, by address\n"
	"  --model CACHES      count misses of modelled caches as well: 'l1=32k,8 l2=1m,16 dtlb=64,4'\n"
	"                      (bytes, or entries of a TLB, and ways)\n"
	"  --kernel LIST       one kernel, or several: what the others execute more than the first\n"
	"  --arch ARCH         of the virtual machine: amd64, arm64, arm64-16k, armhf, armhf-lpae\n"
	"  --memory MIB        of the virtual machine, 512 unless told\n"
	"  --append ARGS       more for the virtual machine's kernel command line\n"
	"  --timeout SECONDS   give up after so long\n"
	"  --boot              really boot, even where a machine was saved that has\n"
	"  --json FILE         the whole document, see docs/results.md; - is standard output\n"
	"  --folded FILE       one line a function, as flame graphs are drawn from; - is standard output\n"
	"  --html FILE         a page with flame graphs, for a browser; - is standard output\n"
	"  --quiet             results and errors only\n"
	"  --verbose           show the kernel's console, on standard error\n"
	"  --help              this text\n"
	"\n"
	"Example: kmemlab explain kmalloc --size 64 --op free\n"
	"Instructions can be followed in QEMU's emulation only. For the host's own kernel, or under\n"
	"KVM, take perf: 'perf record -e instructions:k' shows by sampling what this shows exactly.\n";

enum { OBJECTS_MAX = 1000000 };

static const struct option long_options[] = {
	{ "op", required_argument, NULL, 'o' },
	{ "size", required_argument, NULL, 's' },
	{ "objects", required_argument, NULL, 'n' },
	{ "workload", required_argument, NULL, 'w' },
	{ "gfp", required_argument, NULL, 'g' },
	{ "seed", required_argument, NULL, 'S' },
	{ "state", required_argument, NULL, 't' },
	{ "model", required_argument, NULL, 'm' },
	{ "kernel", required_argument, NULL, 'k' },
	{ "arch", required_argument, NULL, 'a' },
	{ "memory", required_argument, NULL, 'M' },
	{ "append", required_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 'T' },
	{ "json", required_argument, NULL, 'j' },
	{ "folded", required_argument, NULL, 'f' },
	{ "html", required_argument, NULL, 'H' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "boot", no_argument, NULL, 'b' },
	{ "blocks", no_argument, NULL, 'B' },
	{ 0 }
};

static char *read_number(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	const char *end = text;

	if (!number_parse(text, &end, value) && !*end && *value >= least && *value <= most)
		return NULL;
	return xasprintf("a whole number from %llu to %llu is wanted", (unsigned long long)least,
			 (unsigned long long)most);
}

static char *read_unsigned(const char *text, unsigned int least, unsigned int most,
			   unsigned int *value)
{
	uint64_t number = 0;
	char *error = read_number(text, least, most, &number);

	*value = number;
	return error;
}

static char *read_name(const struct name_table *table, const char *text, const char **value)
{
	*value = text;
	return name_known(table, text) ? NULL : name_error(table, text);
}

static char *read_op(struct explain_options *options, const char *text)
{
	options->op = text;
	return strcmp(text, "alloc") && strcmp(text, "free") ? xasprintf("it can be alloc or free") : NULL;
}

static char *read_state(struct explain_options *options, const char *text)
{
	static const char *const names[] = {
		[STATE_STEADY] = "steady", [STATE_COLD] = "cold", [STATE_REFILL] = "refill" };

	options->state_name = text;
	for (int i = 0; i < 3; i++) {
		options->state = i;
		if (!strcmp(names[i], text))
			return NULL;
	}
	return xasprintf("it can be steady, cold or refill");
}

static char *read_model(struct explain_options *options, const char *text)
{
	struct cache_model model;
	char *error = cache_model_read(&model, text);

	cache_model_release(&model);
	options->model_text = text;
	return error;
}

static char *read_kernels(struct explain_options *options, const char *text)
{
	char *error;

	name_list_release(&options->kernels);
	error = name_list_read(&options->kernels, text, NULL);
	if (!error && options->kernels.count > SIDES_MAX)
		error = xasprintf("at most %d kernels can be compared, not %zu", SIDES_MAX,
				  options->kernels.count);
	return error;
}

static char *read_text(const char *text, const char **value)
{
	*value = text;
	if (!strncmp(text, "--", 2))
		return xasprintf("a value is wanted, and that is an option");
	return *text ? NULL : xasprintf("it is empty");
}

static char *read_option(struct explain_options *options, int id, const char *text)
{
	switch (id) {
	case 'o':
		return read_op(options, text);
	case 's':
		return read_number(text, 1, INT64_MAX, &options->size);
	case 'n':
		return read_number(text, 1, OBJECTS_MAX, &options->objects);
	case 'w':
		return read_name(&workload_names, text, &options->workload);
	case 'g':
		return read_name(&gfp_names, text, &options->gfp);
	case 'S':
		return read_number(text, 0, INT64_MAX, &options->seed);
	case 't':
		return read_state(options, text);
	case 'm':
		return read_model(options, text);
	case 'k':
		return read_kernels(options, text);
	case 'a':
		return read_text(text, &options->arch);
	case 'M':
		return read_unsigned(text, VM_MEMORY_MIB_MIN, VM_MEMORY_MIB_MAX,
				     &options->memory_mib);
	case 'p':
		return read_text(text, &options->append);
	case 'T':
		return read_unsigned(text, 1, INT_MAX, &options->timeout_s);
	case 'j':
		return read_text(text, &options->outputs[EXPLAIN_JSON]);
	case 'f':
		return read_text(text, &options->outputs[EXPLAIN_FOLDED]);
	case 'H':
		return read_text(text, &options->outputs[EXPLAIN_HTML]);
	case 'q':
		options->quiet = true;
		return NULL;
	case 'v':
		options->verbose = true;
		return NULL;
	case 'B':
		options->blocks = true;
		return NULL;
	case 'b':
		options->boot = true;
		return NULL;
	default:
		options->help = true;
		return NULL;
	}
}

/* What run can and explain cannot: why, and what to take instead. */
static const char *why_not(const char *option)
{
	static const struct {
		const char *name;
		const char *why;
	} reasons[] = {
		{ "--target", "instructions can be followed in QEMU's emulation only; on this machine's "
			      "own kernel take 'kmemlab run --target host --pmu' or 'perf record'" },
		{ "--clock", "instructions are what it counts; for time take 'kmemlab run --clock time', "
			     "under KVM with --pmu" },
		{ "--cpus", "operations are followed on one CPU" },
		{ "--isolate", "its one experiment has the machine to itself anyway" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (!strncmp(option, reasons[i].name, strlen(reasons[i].name)))
			return reasons[i].why;
	return "unknown or incomplete; see kmemlab explain --help";
}

static char *check_files(const char *const outputs[EXPLAIN_OUTPUTS])
{
	static const char *const names[] = {
		[EXPLAIN_JSON] = "json", [EXPLAIN_FOLDED] = "folded", [EXPLAIN_HTML] = "html" };

	for (size_t i = 0; i < EXPLAIN_OUTPUTS; i++)
		for (size_t j = 0; outputs[i] && j < i; j++)
			if (outputs[j] && !strcmp(outputs[i], outputs[j]))
				return xasprintf("--%s and --%s name the same file '%s'", names[j],
						 names[i], outputs[i]);
	return NULL;
}

static enum exit_code check(struct explain_options *options, int argc, char **argv)
{
	cleanup_free char *error = NULL;

	if (options->help)
		return EXIT_FINE;
	if (optind >= argc) {
		say_error("explain: which facility? 'kmemlab list facilities' shows them all");
		return EXIT_USAGE;
	}
	options->facility = argv[optind];
	if (!options->workload)
		options->workload = options->state == STATE_COLD ? "cold" : "batch";
	if (optind + 1 < argc || strchr(options->facility, ',')) {
		say_error("explain: one facility at a time, '%s' is too much", argv[argc - 1]);
		return EXIT_USAGE;
	}
	error = name_known(&facility_names, options->facility) ? NULL :
		name_error(&facility_names, options->facility);
	if (!error && !strcmp(options->facility, "user"))
		error = xasprintf("user is a process's own memory: its faults are followed by 'perf trace -F all'");
	if (!error && !strcmp(options->workload, "remote_free"))
		error = xasprintf("remote_free frees on another CPU, and operations are followed on one");
	if (!error && options->outputs[EXPLAIN_FOLDED] && options->kernels.count > 1)
		error = xasprintf("--folded shows one kernel, not several");
	if (!error && options->blocks && options->kernels.count > 1)
		error = xasprintf("--blocks shows one kernel, not several");
	if (!error)
		error = check_files(options->outputs);
	if (error)
		say_error("explain: %s", error);
	return error ? EXIT_USAGE : EXIT_FINE;
}

enum exit_code explain_options_read(struct explain_options *options, int argc, char **argv)
{
	int id, index;

	*options = (struct explain_options) {
		.op = "alloc", .gfp = "kernel", .state_name = "steady",
		.size = 32, .objects = 1000, .seed = 1, .arch = "amd64", .memory_mib = 512,
	};
	name_list_read(&options->kernels, "default", NULL);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, ":", long_options, &index)) != -1) {
		cleanup_free char *error = NULL;

		if (id == ':' || id == '?') {
			say_error("explain: %s: %s", argv[optind - 1], why_not(argv[optind - 1]));
			return EXIT_USAGE;
		}
		error = read_option(options, id, optarg);
		if (error) {
			say_error("explain: --%s %s: %s", long_options[index].name, optarg, error);
			return EXIT_USAGE;
		}
	}
	return check(options, argc, argv);
}

void explain_options_release(struct explain_options *options)
{
	name_list_release(&options->kernels);
}
