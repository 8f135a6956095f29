/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands and their options. Two tables describe them all: commands[] and
 * option_table[]; the parser, --help, the man page and shell completion read them.
 */
#ifndef KMEMLAB_CLI_OPTIONS_H
#define KMEMLAB_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "list_parse.h"
#include "report/advice.h"
#include "report/comparison.h"
#include "vm/facility_file.h"

#define OPTIONS_MAX 256

struct config;

/* The command line of one command. Every value has the option's default unless given. */
struct options {
	const struct command *command;
	char *command_line;		/* quoted for a shell */
	char **operands;		/* ended by NULL */
	int operand_count;
	bool given[OPTIONS_MAX];	/* by position in option_table[] */
	struct config *config;		/* configuration files, or NULL */
	struct name_list defaults;	/* "--memory=1G": those of configuration files in use */
	const char *place;		/* line of a configuration file that is parsed, or NULL */

	struct name_list facilities, workloads, gfps, conditions;
	struct number_list objects, sizes, cpu_counts;
	uint64_t align;			/* bytes; 0: the facility's default */
	uint64_t seed;
	unsigned int repeats, bulk;
	bool tails, pmu;
	const char *plan, *facility_file;
	struct facility_file extra;	/* contents of facility_file */

	const char *target, *clock;	/* clock: NULL selects the target's default */
	unsigned int timeout_s;		/* 0: the watchdogs' default */
	const char *repeat_of;

	struct name_list kernels, archs, cpus;
	const char *headers, *board, *append;
	unsigned int memory_mib, layouts;
	bool allow_expired, split_zeroing, mix, boot, isolate;

	const char *json, *csv, *csv_long, *ktap, *junit, *html, *folded, *markdown, *png;
	const char *openmetrics, *benchmark_json;
	const char *name;
	struct name_list tags;
	const char *color;
	bool no_store, quiet, verbose, histogram, console, no_config, help;

	/* advise */
	struct requirements requirements;
	const char *lifetime, *from;
	/* compare */
	struct comparison_gate gate;
	bool force, bisect;
	/* explain */
	const char *op, *state, *model;
	struct name_list cycles;
	bool blocks;
	/* translate and map */
	bool pid_self;
	uint64_t pid, pfn, phys, pages;
	bool walk, map, diff;
	/* shell */
	const char *script;
	struct name_list files;
	bool counted;
	/* build */
	const char *output;
	/* measure */
	const char *file, *declare, *setup, *teardown;
	struct name_list includes;
	bool irqs_off, softirq, explain;
	/* bench and check */
	struct name_list params;
	struct name_list around;
	const char *exercise, *log;
	unsigned int load_cycles, jobs;
	/* exercise */
	const char *folder;
	bool start, check, hint, progress;
	/* help */
	bool man;
	const char *schema;
};

/* Bit of a command in struct option_spec.commands. */
enum {
	CMD_RUN = 1 << 0, CMD_TRANSLATE = 1 << 1, CMD_MAP = 1 << 2, CMD_EXPLAIN = 1 << 3,
	CMD_ADVISE = 1 << 4, CMD_COMPARE = 1 << 5, CMD_REPORT = 1 << 6, CMD_LIST = 1 << 7,
	CMD_RESULTS = 1 << 8, CMD_SHELL = 1 << 9, CMD_KERNEL = 1 << 10, CMD_DOCTOR = 1 << 11,
	CMD_COMPLETION = 1 << 12, CMD_HELP = 1 << 13, CMD_BUILD = 1 << 14,
	CMD_OPERATION = 1 << 15,	/* kmemlab measure */
	CMD_BENCH = 1 << 16,
	CMD_CHECK = 1 << 17,
	CMD_EXERCISE = 1 << 18,
	CMD_ALL = (1 << 19) - 1,
	/* commands that have options in common: */
	CMD_MEASURE = CMD_RUN | CMD_OPERATION | CMD_COMPARE | CMD_ADVISE,
	CMD_QUERY = CMD_TRANSLATE | CMD_MAP,
	CMD_RESULTS_OUTPUT = CMD_RUN | CMD_OPERATION | CMD_REPORT,
	CMD_GUEST = CMD_MEASURE | CMD_QUERY | CMD_EXPLAIN,
};

struct command {
	const char *name;
	unsigned int bit;
	enum exit_code (*run)(struct options *options);
	const char *summary;		/* one line */
	const char *usage;		/* what follows "kmemlab", one line per form */
	const char *description;	/* paragraphs, wrapped when printed */
	const char *example;		/* or NULL */
	const char *operand;		/* name of the operands in messages, or NULL: none */
	int operands_min, operands_max;
	const char *const *first_operands;	/* valid first operands, or NULL: any */
};

extern const struct command *const commands[];
extern const size_t command_count;

extern const struct command run_command, translate_command, map_command, explain_command,
	advise_command, compare_command, report_command, list_command, results_command,
	shell_command, build_command, bench_command, check_command, exercise_command, measure_command,
	kernel_command, doctor_command,
	completion_command, help_command;

enum option_type {
	OPTION_FLAG,		/* bool */
	OPTION_NUMBER,		/* unsigned int or uint64_t */
	OPTION_MEMORY,		/* unsigned int in MiB; bytes with a suffix are accepted */
	OPTION_NUMBERS,		/* struct number_list */
	OPTION_NAMES,		/* struct name_list, of a table or of any names */
	OPTION_ARCHS,		/* struct name_list of architectures, without aliases */
	OPTION_PATHS,		/* struct name_list, one path each time the option is given */
	OPTION_CHOICE,		/* const char *, one of a few words */
	OPTION_STRING,		/* const char *, not empty */
	OPTION_OUTPUT,		/* const char *, a file to write; "-" is standard output */
	OPTION_CUSTOM,		/* parsed by a function of its own */
};

/* Sections of --help; rules between options name them as well. */
enum option_group {
	GROUP_COMMAND,		/* of one command only */
	GROUP_EXPERIMENT, GROUP_TARGET, GROUP_VM, GROUP_OUTPUT, GROUP_STORE, GROUP_GENERAL,
	GROUP_COUNT
};

/* A name may occur more than once, for different commands. */
struct option_spec {
	const char *name;
	char letter;		/* short form, or 0 */
	const char *metavar;	/* NULL for a flag */
	const char *fallback;	/* default value as text, or NULL */
	unsigned int commands;	/* the commands that use the option */
	enum option_group group;
	const char *help;	/* one line for --help, the man page and completion */

	enum option_type type;
	size_t offset, size;	/* of the member of struct options */
	uint64_t min, max;	/* of a number, or of each number of a list */
	const char *unit;	/* or NULL */
	size_t count_max;	/* values in a list, 0: any number */
	const struct name_table *names;		/* valid names, or NULL */
	const char *const *choices;	/* valid words, ended by NULL */
	/* Return NULL or the reason for refusing the text; the caller frees it. */
	char *(*parse)(struct options *options, const char *text);
	const char *sample;	/* a valid value where the type does not imply one */
};

extern const struct option_spec option_table[];
extern const size_t option_count;

enum option_rule_kind { RULE_CONFLICT, RULE_REQUIRE, RULE_UNAVAILABLE };

/*
 * A relation between options. "@" stands for the operands, "name=value" for an
 * option with this value or for this first operand.
 */
struct option_rule {
	unsigned int commands;
	enum option_rule_kind kind;
	const char *option;
	unsigned int groups;	/* the other options: bits of enum option_group ... */
	const char *others[8];	/* ... and names; a requirement has a single one */
	const char *except[6];	/* options of the groups to which it does not apply */
	const char *note;	/* reason, or NULL */
};

extern const struct option_rule option_rules[];
extern const size_t option_rule_count;

/*
 * Parse the words after the command's name. Return EXIT_OK, or EXIT_USAGE after
 * reporting the error. options_release() in any case.
 */
enum exit_code options_parse(struct options *options, const struct command *command, int argc,
			     char **argv);
void options_release(struct options *options);

/* Set the option from text. Return EXIT_OK, or EXIT_USAGE after reporting the error. */
enum exit_code option_set(struct options *options, const struct option_spec *option,
			  const char *text);

/* Return true if the option was given, on the command line or in a configuration file. */
bool option_given(const struct options *options, const char *name);

/* Report "COMMAND: TEXT" and return EXIT_USAGE. */
enum exit_code usage_error(const struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Check operands, rules and output files; options_parse() calls this. */
enum exit_code options_check(const struct options *options);

/* Return the first rule that the options violate, as an error to be freed, or NULL. */
char *options_rule_error(const struct options *options);

/* Check that all output files can be written, before anything costly is done. */
enum exit_code options_check_outputs(const struct options *options);

/* Return the command's option with this name, or NULL. */
const struct option_spec *option_find(const struct command *command, const char *name);
const struct command *command_find(const char *name);

/* Report an unknown command and return EXIT_USAGE. */
enum exit_code command_unknown(const char *name);

void help_print(const struct command *command);
void help_print_commands(FILE *out);

#endif
