// SPDX-License-Identifier: GPL-2.0-or-later
/* All commands and options. A new option is one entry here and a member of struct options. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <regex.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "cli/measure.h"
#include "cli/options.h"
#include "explain/cache_model.h"
#include "explain/document.h"
#include "lib/parse_number.h"
#include "runner/translate.h"
#include "store/store.h"
#include "vm/board.h"

#define ALIGN_MAX	(1ULL << 40)
#define APPEND_MAX	800	/* ARM kernels accept 1024 characters in total */

const struct command *const commands[] = {
	&run_command, &measure_command, &translate_command, &map_command, &explain_command,
	&advise_command, &compare_command, &report_command, &list_command, &results_command,
	&shell_command, &build_command, &bench_command, &check_command, &exercise_command, &kernel_command,
	&doctor_command, &completion_command, &help_command,
};

const size_t command_count = ARRAY_SIZE(commands);

static char *parse_align(struct options *options, const char *text)
{
	const char *end = text;

	if (!parse_number(text, &end, &options->align) && !*end && options->align &&
	    options->align <= ALIGN_MAX && !(options->align & (options->align - 1)))
		return NULL;
	return xasprintf("must be a power of two up to 2^40, got '%s'", text);
}

/* Results documents contain the text, so it must be printable; it may be empty. */
static char *parse_append(struct options *options, const char *text)
{
	options->append = text;
	if (strlen(text) > APPEND_MAX)
		return xasprintf("must be at most %d characters, got %zu", APPEND_MAX,
				 strlen(text));
	while (isprint((unsigned char)*text))
		text++;
	return *text ? xasprintf("must be one line of printable ASCII, got '%s'",
				 options->append) : NULL;
}

static char *parse_name(struct options *options, const char *text)
{
	options->name = text;
	return store_name_error(text);
}

static char *parse_tags(struct options *options, const char *text)
{
	char *error = name_list_read(&options->tags, text, NULL);

	for (size_t i = 0; !error && i < options->tags.count; i++)
		error = store_name_error(options->tags.names[i]);
	return error;
}

static char *parse_percent(struct options *options, const char *text)
{
	struct comparison_gate *gate = &options->gate;
	char *end;

	errno = 0;
	gate->above_percent = strtod(text, &end);
	if (end != text && !errno && isfinite(gate->above_percent) && gate->above_percent >= 0 &&
	    (!*end || !strcmp(end, "%")))
		return NULL;
	return xasprintf("must be a percentage such as 5%%, got '%s'", text);
}

static char *add_metric_kind(struct comparison_gate *gate, const char *name)
{
	for (size_t kind = 0; kind < METRIC_KINDS; kind++) {
		if (strcmp(name, metric_kind_names[kind]))
			continue;
		gate->kinds[kind] = true;
		return NULL;
	}
	return unknown_name("kind of metric", "", name, metric_kind_names, METRIC_KINDS,
			    "kmemlab compare --help");
}

static char *parse_metric_kinds(struct options *options, const char *text)
{
	struct name_list list = { 0 };
	char *error = name_list_read(&list, text, NULL);

	memset(options->gate.kinds, 0, sizeof(options->gate.kinds));
	for (size_t i = 0; !error && i < list.count; i++)
		error = add_metric_kind(&options->gate, list.names[i]);
	name_list_release(&list);
	return error;
}

static char *parse_model(struct options *options, const char *text)
{
	struct cache_model model;
	char *error = cache_model_read(&model, text);

	cache_model_release(&model);
	options->model = text;
	return error;
}

static char *parse_board(struct options *options, const char *text)
{
	cleanup_free char *names = board_names(NULL);

	options->board = text;
	return board_arch(text) ? NULL : xasprintf("unknown board '%s' (known: %s)", text, names);
}

/* A word with a sign or '=' is a feature of the model before it. */
static char *parse_cpus(struct options *options, const char *text)
{
	cleanup_free char *copy = xstrdup(text);
	cleanup_strbuf struct strbuf model = STRBUF_INIT;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ","))) {
		bool is_feature = *word == '+' || *word == '-' || strchr(word, '=');

		if (!*word || (is_feature && !model.length) ||
		    word[strspn(word, "+-=._0123456789abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
			return xasprintf("must be minimal, server or a CPU model of QEMU with "
					 "features (qemu64,+erms), got '%s'", text);
		if (model.length && !is_feature) {
			name_list_add(&options->cpus, model.text);
			strbuf_release(&model);
			model = (struct strbuf)STRBUF_INIT;
		}
		strbuf_separate(&model, ",");
		strbuf_addstr(&model, word);
	}
	name_list_add(&options->cpus, model.text);
	return NULL;
}

static char *parse_cpu(struct options *options, const char *text)
{
	char *error = parse_cpus(options, text);

	if (!error && options->cpus.count > 1)
		error = xasprintf("takes a single model, got '%s'", text);
	return error;
}

static char *parse_log(struct options *options, const char *text)
{
	regex_t regex;

	options->log = text;
	if (!*text || regcomp(&regex, text, REG_EXTENDED | REG_NOSUB))
		return xasprintf("must be an extended regular expression, got '%s'", text);
	regfree(&regex);
	return NULL;
}

static char *parse_pid(struct options *options, const char *text)
{
	const char *end = text;

	options->pid_self = !strcmp(text, "self");
	if (options->pid_self || (!parse_number(text, &end, &options->pid) && !*end &&
				  options->pid && options->pid <= INT32_MAX))
		return NULL;
	return xasprintf("must be a process ID or 'self', got '%s'", text);
}

static char *invalid_address(const char *text)
{
	return xasprintf("must be decimal, or 0x and hexadecimal, below 2^64, got '%s'", text);
}

static char *parse_pfn(struct options *options, const char *text)
{
	return parse_address(text, &options->pfn) ? invalid_address(text) : NULL;
}

static char *parse_phys(struct options *options, const char *text)
{
	return parse_address(text, &options->phys) ? invalid_address(text) : NULL;
}

#define FIELD(member) \
	.offset = offsetof(struct options, member), .size = sizeof(((struct options *)0)->member)
#define FLAG(member)			.type = OPTION_FLAG, FIELD(member)
#define NUMBER(member, low, high, units) \
	.type = OPTION_NUMBER, FIELD(member), .min = low, .max = high, .unit = units
#define NUMBERS(member, high, count) \
	.type = OPTION_NUMBERS, FIELD(member), .min = 1, .max = high, .count_max = count
#define NAMES(member, table, count) \
	.type = OPTION_NAMES, FIELD(member), .names = table, .count_max = count
#define ARCHS(count)			.type = OPTION_ARCHS, FIELD(archs), .count_max = count
#define WORDS(...)			(const char *const[]) { __VA_ARGS__, NULL }
#define CHOICE(member, ...) \
	.type = OPTION_CHOICE, FIELD(member), .choices = WORDS(__VA_ARGS__)
#define STRING(member)			.type = OPTION_STRING, FIELD(member)
#define OUTPUT(member)			.type = OPTION_OUTPUT, FIELD(member)
#define MEMORY	.type = OPTION_MEMORY, FIELD(memory_mib), .unit = "MiB", \
		.min = VM_MEMORY_MIB_MIN, .max = VM_MEMORY_MIB_MAX
#define CUSTOM(function, valid)		.type = OPTION_CUSTOM, .parse = function, .sample = valid

const struct option_spec option_table[] = {
	/* advise */
	{ "contiguous", 0, NULL, NULL, CMD_ADVISE, GROUP_COMMAND,
	  "each object must be physically contiguous, as for a device",
	  FLAG(requirements.contiguous) },
	{ "atomic", 0, NULL, NULL, CMD_ADVISE, GROUP_COMMAND,
	  "allocations must not sleep", FLAG(requirements.atomic) },
	{ "dma32", 0, NULL, NULL, CMD_ADVISE, GROUP_COMMAND,
	  "objects must be below 4 GiB", FLAG(requirements.dma32) },
	{ "zeroed", 0, NULL, NULL, CMD_ADVISE, GROUP_COMMAND,
	  "objects must be zeroed", FLAG(requirements.zeroed) },
	{ "cpus", 0, "N", "1", CMD_ADVISE, GROUP_COMMAND,
	  "number of CPUs that will allocate (the measurement uses one)",
	  NUMBER(requirements.cpus, 1, 8192, NULL) },
	{ "lifetime", 0, "LIFETIME", NULL, CMD_ADVISE, GROUP_COMMAND,
	  "rank short-lived objects by cost, long-lived ones by memory (default: both)",
	  CHOICE(lifetime, "short", "long") },
	{ "from", 0, "RESULT", NULL, CMD_ADVISE, GROUP_COMMAND,
	  "use this results file or stored result instead of measuring", STRING(from) },
	/* check */
	{ "exercise", 0, "NAME", "none", CMD_CHECK, GROUP_COMMAND,
	  "also check the values of this exercise: studio (nr_structs 32-byte structs in pages) or none",
	  CHOICE(exercise, "studio", "none") },
	{ "param", 0, "NAME=LIST", NULL, CMD_CHECK, GROUP_COMMAND,
	  "load with each of these values, and write them to the loaded module; may be repeated",
	  .type = OPTION_PATHS, FIELD(params) },
	{ "log", 0, "REGEX", NULL, CMD_CHECK, GROUP_COMMAND,
	  "a message of each load must match this extended regular expression",
	  CUSTOM(parse_log, "elements wrong") },
	{ "cycles", 0, "N", "3", CMD_CHECK, GROUP_COMMAND,
	  "load and unload this many times with each value", NUMBER(load_cycles, 1, 1000, NULL) },
	{ "jobs", 0, "N", "1", CMD_CHECK, GROUP_COMMAND,
	  "number of modules that are checked at the same time", NUMBER(jobs, 1, 1024, NULL) },
	/* compare */
	{ "force", 0, NULL, NULL, CMD_COMPARE, GROUP_COMMAND,
	  "compare results from incomparable environments", FLAG(force) },
	{ "fail-above", 0, "PERCENT", NULL, CMD_COMPARE, GROUP_COMMAND,
	  "exit with 1 if a metric is worse by more than this", CUSTOM(parse_percent, "5%") },
	{ "fail-on", 0, "LIST", "cost", CMD_COMPARE, GROUP_COMMAND,
	  "metrics that may fail the gate: cost (mean), part, p50, tail, bytes, memory, "
	  "contiguity",
	  CUSTOM(parse_metric_kinds, "memory") },
	{ "bisect", 0, NULL, NULL, CMD_COMPARE, GROUP_COMMAND,
	  "find the kernel or --append argument that causes the largest change", FLAG(bisect) },
	/* exercise */
	{ "start", 0, NULL, NULL, CMD_EXERCISE, GROUP_COMMAND,
	  "write the task of the step; a second start does not change it", FLAG(start) },
	{ "check", 0, NULL, NULL, CMD_EXERCISE, GROUP_COMMAND,
	  "compare the answers with those of a booted kernel", FLAG(check) },
	{ "hint", 0, NULL, NULL, CMD_EXERCISE, GROUP_COMMAND, "print the next hint", FLAG(hint) },
	{ "progress", 0, NULL, NULL, CMD_EXERCISE, GROUP_COMMAND,
	  "list the steps and what to do next", FLAG(progress) },
	{ "folder", 0, "DIR", "kmemlab-exercise", CMD_EXERCISE, GROUP_COMMAND,
	  "folder of the tasks, the answers and the progress", STRING(folder) },
	/* explain */
	{ "op", 0, "OP", "alloc", CMD_EXPLAIN, GROUP_COMMAND,
	  "operation to explain: alloc or free", CHOICE(op, "alloc", "free") },
	{ "state", 0, "STATE", "steady", CMD_EXPLAIN, GROUP_COMMAND,
	  "path to show: steady (most frequent), cold (caches empty), refill (longest), or "
	  "all: the sum of all operations",
	  CHOICE(state, "steady", "cold", "refill", "all") },
	{ "blocks", 0, NULL, NULL, CMD_EXPLAIN, GROUP_COMMAND,
	  "also print the executed basic blocks", FLAG(blocks) },
	{ "model", 0, "CACHES", NULL, CMD_EXPLAIN, GROUP_COMMAND,
	  "count misses of modeled caches (size, ways): 'l1=32k,8 l2=1m,16 dtlb=64,4'",
	  CUSTOM(parse_model, "l1=32k,8") },
	{ "cycles", 0, "CPU[,CPU]", NULL, CMD_EXPLAIN, GROUP_COMMAND,
	  "estimate the cycles of the path with llvm-mca: haswell, broadwell, skylake-avx512, "
	  "icelake-server, znver3",
	  NAMES(cycles, NULL, CYCLE_CPUS_MAX), .sample = "haswell" },
	/* translate and map */
	{ "pid", 0, "PID", NULL, CMD_TRANSLATE, GROUP_COMMAND,
	  "addresses belong to this process; self: the process that runs the request",
	  CUSTOM(parse_pid, "self") },
	{ "pfn", 0, "PFN", NULL, CMD_TRANSLATE, GROUP_COMMAND,
	  "look up a page frame number instead", CUSTOM(parse_pfn, "1") },
	{ "phys", 0, "ADDRESS", NULL, CMD_TRANSLATE, GROUP_COMMAND,
	  "look up a physical address instead", CUSTOM(parse_phys, "4096") },
	{ "pages", 0, "N", "1", CMD_TRANSLATE, GROUP_COMMAND,
	  "number of pages to translate, starting at each address",
	  NUMBER(pages, 1, TRANSLATE_PAGES_MAX, NULL) },
	{ "walk", 0, NULL, NULL, CMD_TRANSLATE, GROUP_COMMAND,
	  "walk the page tables only, skip the other methods: faster", FLAG(walk) },
	{ "map", 0, NULL, NULL, CMD_TRANSLATE, GROUP_COMMAND,
	  "also mmap the objects into the process and verify both mappings", FLAG(map) },
	{ "diff", 0, NULL, NULL, CMD_MAP, GROUP_COMMAND,
	  "compare two maps written with --json", FLAG(diff) },
	/* list, shell, help */
	{ "tag", 0, "TAG", NULL, CMD_LIST, GROUP_COMMAND,
	  "list only results with this tag", CUSTOM(parse_tags, "nightly") },
	{ "command", 'c', "COMMANDS", NULL, CMD_SHELL, GROUP_COMMAND,
	  "run these shell commands and exit with the status of the last one", STRING(script) },
	{ "add", 0, "FILE", NULL, CMD_SHELL, GROUP_COMMAND,
	  "copy FILE to the guest's root directory; may be repeated",
	  .type = OPTION_PATHS, FIELD(files) },
	{ "param", 0, "NAME=VALUE", NULL, CMD_BENCH, GROUP_COMMAND,
	  "set a parameter of the module; may be repeated", .type = OPTION_PATHS, FIELD(params) },
	{ "around", 0, "FUNCTION[,FUNCTION]", NULL, CMD_BENCH, GROUP_COMMAND,
	  "count the instructions of each call of these functions of the kernel while init runs, but "
	  "not in modules of --add",
	  NAMES(around, NULL, 0) },
	{ "add", 0, "MODULE.ko", NULL, CMD_BENCH, GROUP_COMMAND,
	  "load this module, which the benchmark needs, before it; may be repeated",
	  .type = OPTION_PATHS, FIELD(files) },
	{ "counted", 0, NULL, NULL, CMD_SHELL, GROUP_COMMAND,
	  "count instructions, as run does; for commands that never wait", FLAG(counted) },
	{ "output", 'o', "DIR", ".", CMD_BUILD, GROUP_COMMAND,
	  "write the modules below this directory", STRING(output) },
	/* measure */
	{ "file", 0, "FILE", NULL, CMD_OPERATION, GROUP_COMMAND,
	  "measure each operation() and operation_NAME() of this C file", STRING(file) },
	{ "include", 0, "HEADER", NULL, CMD_OPERATION, GROUP_COMMAND,
	  "include this header of the kernel, linux/crc32.h; may be repeated",
	  .type = OPTION_PATHS, FIELD(includes) },
	{ "declare", 0, "CODE", NULL, CMD_OPERATION, GROUP_COMMAND,
	  "declarations at file scope, for --setup and the operation", STRING(declare) },
	{ "setup", 0, "CODE", NULL, CMD_OPERATION, GROUP_COMMAND,
	  "statements before the first operation; may return a negative errno", STRING(setup) },
	{ "teardown", 0, "CODE", NULL, CMD_OPERATION, GROUP_COMMAND,
	  "statements after the last operation", STRING(teardown) },
	{ "operations", 0, "LIST", "2000", CMD_OPERATION, GROUP_COMMAND,
	  "number of operations between setup and teardown", NUMBERS(objects, 1000000, 0) },
	{ "irqs-off", 0, NULL, NULL, CMD_OPERATION, GROUP_COMMAND,
	  "run the operations with interrupts disabled", FLAG(irqs_off) },
	{ "softirq", 0, NULL, NULL, CMD_OPERATION, GROUP_COMMAND,
	  "run the operations in a softirq", FLAG(softirq) },
	{ "explain", 0, NULL, NULL, CMD_OPERATION, GROUP_COMMAND,
	  "also attribute the instructions to functions, as explain does", FLAG(explain) },
	{ "man", 0, NULL, NULL, CMD_HELP, GROUP_COMMAND,
	  "print the OPTIONS section of the man page, for scdoc", FLAG(man) },
	{ "schema", 0, "DOCUMENT", NULL, CMD_HELP, GROUP_COMMAND,
	  "print the JSON Schema of a document: results, translation or map",
	  CHOICE(schema, "results", "translation", "map") },

	{ "facility", 0, "LIST", "all", CMD_MEASURE & ~CMD_OPERATION, GROUP_EXPERIMENT,
	  "names from 'kmemlab list facilities', or all", NAMES(facilities, &facility_names, 0) },
	{ "facility", 0, "NAME", NULL, CMD_QUERY, GROUP_EXPERIMENT,
	  "allocate objects with this facility for the request",
	  NAMES(facilities, &facility_names, 1) },
	{ "facility-file", 0, "FILE", NULL, CMD_GUEST & ~CMD_OPERATION, GROUP_EXPERIMENT,
	  "build this C file into the module and add the facilities that it defines (see "
	  "docs/facility.md)", STRING(facility_file) },
	{ "workload", 0, "LIST", "pair,batch", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "names from 'kmemlab list workloads', or all", NAMES(workloads, &workload_names, 0) },
	{ "workload", 0, "NAME", NULL, CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "workload to follow (default: cold with --state cold, otherwise batch)",
	  NAMES(workloads, &workload_names, 1) },
	{ "objects", 0, "LIST", "2000", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "number of objects that are live at once", NUMBERS(objects, INT64_MAX, 0) },
	{ "objects", 0, "N", "2000", CMD_ADVISE | CMD_MAP, GROUP_EXPERIMENT,
	  "number of objects", NUMBERS(objects, INT64_MAX, 1) },
	{ "objects", 0, "N", "1000", CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "number of operations to follow", NUMBERS(objects, 1000000, 1) },
	{ "objects", 0, "N", "3", CMD_TRANSLATE, GROUP_EXPERIMENT,
	  "number of objects", NUMBERS(objects, INT64_MAX, 1) },
	{ "size", 0, "LIST", "32", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "object size in bytes", NUMBERS(sizes, INT64_MAX, 0) },
	{ "size", 0, "BYTES", "32", CMD_ADVISE | CMD_EXPLAIN | CMD_QUERY, GROUP_EXPERIMENT,
	  "object size", NUMBERS(sizes, INT64_MAX, 1) },
	{ "align", 0, "BYTES", NULL, CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "object alignment, a power of two (default: the facility's own)",
	  CUSTOM(parse_align, "64") },
	{ "cpus", 0, "LIST", "1", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "number of CPUs that allocate concurrently; above 1 with --clock time only",
	  NUMBERS(cpu_counts, PLAN_CPUS_MAX, 0) },
	{ "gfp", 0, "LIST", "kernel", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "GFP profiles from 'kmemlab list gfp', or all; plain is the default of most callers",
	  NAMES(gfps, &gfp_names, 0) },
	{ "gfp", 0, "NAME", "kernel", CMD_EXPLAIN | CMD_TRANSLATE, GROUP_EXPERIMENT,
	  "GFP profile from 'kmemlab list gfp'", NAMES(gfps, &gfp_names, 1) },
	{ "gfp", 0, "NAME", "kernel", CMD_MAP, GROUP_EXPERIMENT,
	  "GFP profile of the objects, and that free blocks must be usable for",
	  NAMES(gfps, &gfp_names, 1) },
	{ "condition", 0, "LIST", "fresh", CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "memory conditions from 'kmemlab list conditions'",
	  NAMES(conditions, &condition_names, 0), .sample = "low" },
	{ "condition", 0, "NAME", "fresh", CMD_OPERATION | CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "memory condition from 'kmemlab list conditions'",
	  NAMES(conditions, &condition_names, 1), .sample = "low" },
	{ "condition", 0, "NAME", "fresh", CMD_MAP, GROUP_EXPERIMENT,
	  "memory condition, from 'kmemlab list conditions', to map",
	  NAMES(conditions, &condition_names, 1), .sample = "low" },
	{ "bulk", 0, "N", NULL, CMD_RUN | CMD_COMPARE | CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "objects per bulk call, for workload batch (default: the workload's own)",
	  NUMBER(bulk, 1, 1000000, NULL) },
	{ "repeats", 0, "N", "1", CMD_RUN | CMD_COMPARE | CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "repetitions of each experiment, which multiply its samples",
	  NUMBER(repeats, 1, 1000000, NULL) },
	{ "seed", 0, "N", "1", CMD_RUN | CMD_COMPARE | CMD_EXPLAIN, GROUP_EXPERIMENT,
	  "seed of the pseudo-random number generator", NUMBER(seed, 0, INT64_MAX, NULL) },
	{ "tails", 0, NULL, NULL, CMD_RUN, GROUP_EXPERIMENT,
	  "run an untimed pass that records which slow paths are taken", FLAG(tails) },
	{ "pmu", 0, NULL, NULL, CMD_RUN, GROUP_EXPERIMENT,
	  "run another pass with the CPU's performance counters; implied by --clock time",
	  FLAG(pmu) },
	{ "plan", 0, "FILE", NULL, CMD_RUN | CMD_COMPARE, GROUP_EXPERIMENT,
	  "read the experiments from a plan file", STRING(plan) },
	{ "plan", 0, "FILE", NULL, CMD_TRANSLATE, GROUP_EXPERIMENT,
	  "read translate lines from a plan file", STRING(plan) },

	{ "target", 0, "TARGET", "vm", CMD_RUN | CMD_ADVISE | CMD_QUERY, GROUP_TARGET,
	  "vm: a temporary virtual machine; host: this machine's kernel (needs root)",
	  CHOICE(target, "vm", "host") },
	{ "clock", 0, "CLOCK", NULL, CMD_MEASURE, GROUP_TARGET,
	  "count executed instructions, or measure time (default: instructions with --target vm)",
	  CHOICE(clock, "instructions", "time") },
	{ "clock", 0, "CLOCK", "time", CMD_QUERY, GROUP_TARGET,
	  "time, or instructions: the exact cost of the request, with a slower boot",
	  CHOICE(clock, "time", "instructions") },
	{ "clock", 0, "CLOCK", "instructions", CMD_BENCH, GROUP_TARGET,
	  "instructions: the module's own timing reads executed instructions",
	  CHOICE(clock, "instructions") },
	{ "timeout", 0, "SECONDS", NULL, CMD_GUEST | CMD_SHELL | CMD_BENCH | CMD_CHECK, GROUP_TARGET,
	  "stop after this time with exit code 124", NUMBER(timeout_s, 1, INT_MAX, "seconds") },
	{ "repeat-of", 0, "RESULT", NULL, CMD_RUN, GROUP_TARGET,
	  "repeat a results file or stored result and verify that its metrics are equal",
	  STRING(repeat_of) },

	{ "kernel", 0, "LIST", "default", CMD_RUN | CMD_OPERATION | CMD_COMPARE, GROUP_VM,
	  "kernels, one boot each: version (6.1.0-56), series (6.1), suite (bookworm), latest, "
	  "default, build tree or image",
	  NAMES(kernels, NULL, 0) },
	{ "kernel", 0, "LIST", "default", CMD_BUILD, GROUP_VM,
	  "kernels to build for: version (6.1.0-56), series (6.1), suite (bookworm), latest, "
	  "default, build tree or image", NAMES(kernels, NULL, 0) },
	{ "kernel", 0, "LIST", "default", CMD_EXPLAIN, GROUP_VM,
	  "kernel, or several to show how they differ from the first",
	  NAMES(kernels, NULL, EXPLAIN_KERNELS_MAX) },
	{ "kernel", 0, "KERNEL", "default", CMD_ADVISE | CMD_QUERY | CMD_SHELL | CMD_BENCH |
	  CMD_CHECK | CMD_EXERCISE, GROUP_VM,
	  "version (6.1.0-56), series (6.1), suite (bookworm), latest, default, "
	  "build tree or image",
	  NAMES(kernels, NULL, 1) },
	{ "headers", 0, "DIR", NULL, CMD_MEASURE | CMD_SHELL | CMD_BUILD | CMD_BENCH, GROUP_VM,
	  "kernel headers for building the module if --kernel is an image", STRING(headers) },
	{ "allow-expired", 0, NULL, NULL, CMD_GUEST | CMD_SHELL | CMD_KERNEL | CMD_BUILD | CMD_BENCH |
	  CMD_CHECK, GROUP_VM, "accept package lists whose validity has expired", FLAG(allow_expired) },
	{ "arch", 0, "LIST", "amd64", CMD_RUN | CMD_OPERATION, GROUP_VM,
	  "one boot for each architecture", ARCHS(0) },
	{ "arch", 0, "LIST", "amd64", CMD_BUILD, GROUP_VM,
	  "architectures to build for", ARCHS(0) },
	{ "arch", 0, "ARCH", "amd64",
	  CMD_COMPARE | CMD_ADVISE | CMD_QUERY | CMD_EXPLAIN | CMD_SHELL | CMD_BENCH |
	  CMD_CHECK | CMD_EXERCISE, GROUP_VM,
	  "architecture", ARCHS(1) },
	{ "arch", 0, "ARCH", NULL, CMD_KERNEL, GROUP_VM,
	  "architecture", ARCHS(1) },
	{ "board", 0, "BOARD", NULL, CMD_GUEST | CMD_SHELL | CMD_CHECK, GROUP_VM,
	  "pc, virt, raspi2b or raspi3b; selects the architecture unless --arch does",
	  CUSTOM(parse_board, "virt") },
	{ "cpu", 0, "LIST", NULL, CMD_RUN | CMD_COMPARE, GROUP_VM,
	  "CPU models, one boot each: server (default), minimal, or QEMU's with features "
	  "(qemu64,+erms)", CUSTOM(parse_cpus, "server") },
	{ "cpu", 0, "MODEL", NULL,
	  CMD_OPERATION | CMD_ADVISE | CMD_QUERY | CMD_EXPLAIN | CMD_SHELL | CMD_BENCH, GROUP_VM,
	  "CPU model: server (default), minimal, or QEMU's with features (qemu64,+la57)",
	  CUSTOM(parse_cpu, "server") },
	{ "cpus", 0, "N", "1", CMD_SHELL, GROUP_VM,
	  "number of CPUs", NUMBERS(cpu_counts, VM_CPUS_MAX, 1) },
	{ "cpus", 0, "N", "1", CMD_OPERATION, GROUP_VM,
	  "number of CPUs that run the operations at the same time; above 1 with --clock time only",
	  NUMBERS(cpu_counts, VM_CPUS_MAX, 1) },
	{ "memory", 0, "MIB", "512", CMD_GUEST | CMD_BENCH, GROUP_VM, "memory size; 4G is accepted", MEMORY },
	{ "memory", 0, "MIB", "256", CMD_SHELL | CMD_CHECK, GROUP_VM, "memory size; 4G is accepted", MEMORY },
	{ "append", 0, "ARGS", NULL, CMD_GUEST | CMD_SHELL | CMD_BENCH | CMD_CHECK, GROUP_VM,
	  "additional kernel command-line arguments", CUSTOM(parse_append, "quiet") },
	{ "layouts", 0, "N", "1", CMD_RUN | CMD_COMPARE, GROUP_VM,
	  "boot this many times, each with another memory layout and history",
	  NUMBER(layouts, 1, 100, NULL) },
	{ "layouts", 0, "N", "2", CMD_ADVISE, GROUP_VM,
	  "boot this many times, each with another memory layout and history",
	  NUMBER(layouts, 1, 100, NULL) },
	{ "split-zeroing", 0, NULL, NULL, CMD_RUN, GROUP_VM,
	  "boot with init_on_alloc=1 and 0 and report the cost of zeroing", FLAG(split_zeroing) },
	{ "mix", 0, NULL, NULL, CMD_RUN, GROUP_VM,
	  "trace each experiment in a boot of its own: loads, stores, branches, atomic and "
	  "privileged instructions, cache lines", FLAG(mix) },
	{ "boot", 0, NULL, NULL, CMD_MEASURE | CMD_EXPLAIN, GROUP_VM,
	  "boot even if a snapshot of the booted machine exists", FLAG(boot) },
	{ "isolate", 0, NULL, NULL, CMD_MEASURE, GROUP_VM,
	  "start each experiment from the same snapshot", FLAG(isolate) },

	{ "json", 0, "FILE", NULL, CMD_GUEST | CMD_REPORT | CMD_BENCH | CMD_CHECK, GROUP_OUTPUT,
	  "write the whole document (see docs/results.md)", OUTPUT(json) },
	{ "csv", 0, "FILE", NULL, CMD_RESULTS_OUTPUT, GROUP_OUTPUT,
	  "write one row per experiment", OUTPUT(csv) },
	{ "csv", 0, "FILE", NULL, CMD_COMPARE, GROUP_OUTPUT,
	  "write one row per experiment, metric and input", OUTPUT(csv) },
	{ "csv-long", 0, "FILE", NULL, CMD_RESULTS_OUTPUT, GROUP_OUTPUT,
	  "write one row per value, with the distributions of the costs", OUTPUT(csv_long) },
	{ "csv", 0, "FILE", NULL, CMD_CHECK, GROUP_OUTPUT,
	  "write one row per failure", OUTPUT(csv) },
	{ "ktap", 0, "FILE", NULL, CMD_CHECK, GROUP_OUTPUT,
	  "write one test result per module", OUTPUT(ktap) },
	{ "ktap", 0, "FILE", NULL, CMD_RUN | CMD_OPERATION | CMD_COMPARE | CMD_REPORT, GROUP_OUTPUT,
	  "write one test result per experiment", OUTPUT(ktap) },
	{ "openmetrics", 0, "FILE", NULL, CMD_RESULTS_OUTPUT, GROUP_OUTPUT,
	  "write the metrics for Prometheus' text collector", OUTPUT(openmetrics) },
	{ "benchmark-json", 0, "FILE", NULL, CMD_RESULTS_OUTPUT, GROUP_OUTPUT,
	  "write costs and memory for github-action-benchmark (customSmallerIsBetter)",
	  OUTPUT(benchmark_json) },
	{ "junit", 0, "FILE", NULL, CMD_RUN | CMD_OPERATION | CMD_COMPARE | CMD_REPORT, GROUP_OUTPUT,
	  "write the same tests as JUnit XML", OUTPUT(junit) },
	{ "ktap", 0, "FILE", NULL, CMD_BENCH, GROUP_OUTPUT,
	  "write one test result per KUnit test", OUTPUT(ktap) },
	{ "html", 0, "FILE", NULL,
	  CMD_RUN | CMD_OPERATION | CMD_COMPARE | CMD_REPORT | CMD_EXPLAIN | CMD_MAP, GROUP_OUTPUT,
	  "write a self-contained web page", OUTPUT(html) },
	{ "markdown", 0, "FILE", NULL, CMD_COMPARE, GROUP_OUTPUT,
	  "write a summary for a pull request, of at most 60,000 characters", OUTPUT(markdown) },
	{ "markdown", 0, "FILE", NULL, CMD_CHECK, GROUP_OUTPUT,
	  "write a summary for a pull request", OUTPUT(markdown) },
	{ "folded", 0, "FILE", NULL, CMD_EXPLAIN, GROUP_OUTPUT,
	  "write folded stacks, the input of flame-graph tools; of two kernels with the counts "
	  "of both", OUTPUT(folded) },
	{ "png", 0, "FILE", NULL, CMD_MAP, GROUP_OUTPUT,
	  "write the picture, with --facility also that of the difference", OUTPUT(png) },

	{ "name", 0, "NAME", NULL, CMD_RUN | CMD_OPERATION, GROUP_STORE,
	  "store the results under this name", CUSTOM(parse_name, "base") },
	{ "tag", 0, "LIST", NULL, CMD_MEASURE, GROUP_STORE,
	  "store the results with these tags", CUSTOM(parse_tags, "nightly") },
	{ "no-store", 0, NULL, NULL, CMD_MEASURE, GROUP_STORE,
	  "do not store the results", FLAG(no_store) },

	{ "verbose", 'v', NULL, NULL, CMD_RUN | CMD_OPERATION | CMD_REPORT, GROUP_GENERAL,
	  "print every experiment in full", FLAG(verbose) },
	{ "histogram", 0, NULL, NULL, CMD_RUN | CMD_REPORT, GROUP_GENERAL,
	  "also print how often each cost occurred", FLAG(histogram) },
	{ "verbose", 'v', NULL, NULL, CMD_COMPARE, GROUP_GENERAL,
	  "include p99", FLAG(verbose) },
	{ "verbose", 'v', NULL, NULL, CMD_TRANSLATE, GROUP_GENERAL,
	  "print every address in full, however many there are", FLAG(verbose) },
	{ "verbose", 'v', NULL, NULL, CMD_MAP | CMD_EXPLAIN | CMD_ADVISE | CMD_SHELL | CMD_BENCH,
	  GROUP_GENERAL, "report repairs, such as of a damaged snapshot", FLAG(verbose) },
	{ "quiet", 'q', NULL, NULL,
	  CMD_GUEST | CMD_REPORT | CMD_SHELL | CMD_KERNEL | CMD_BUILD | CMD_BENCH | CMD_CHECK,
	  GROUP_GENERAL,
	  "print results and errors only, without hints", FLAG(quiet) },
	{ "console", 0, NULL, NULL, CMD_GUEST | CMD_SHELL | CMD_BENCH, GROUP_GENERAL,
	  "print the guest kernel's console to standard error", FLAG(console) },
	{ "color", 0, "WHEN", "auto", CMD_ALL, GROUP_GENERAL,
	  "use colors: auto (on a terminal, without NO_COLOR), always or never",
	  CHOICE(color, "auto", "always", "never") },
	{ "no-config", 0, NULL, NULL, CMD_ALL & ~(CMD_HELP | CMD_COMPLETION), GROUP_GENERAL,
	  "ignore /etc/kmemlab.conf and ~/.config/kmemlab/config", FLAG(no_config) },
	{ "help", 'h', NULL, NULL, CMD_ALL, GROUP_GENERAL, "print this text", FLAG(help) },
};

const size_t option_count = ARRAY_SIZE(option_table);

_Static_assert(ARRAY_SIZE(option_table) <= OPTIONS_MAX, "struct options.given is too small");
