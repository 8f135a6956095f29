/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line of kmemlab run asks for, and of commands that run things too. */
#ifndef KMEMLAB_RUN_OPTIONS_H
#define KMEMLAB_RUN_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/exit_codes.h"
#include "lists.h"

struct run_options {
	const char *command;	/* whose options they are: "run" */
	/* the experiments */
	struct name_list facilities, workloads, gfps, conditions;
	struct number_list objects, sizes, cpu_counts;
	uint64_t seed;
	uint64_t align;		/* bytes, 0: the facility's own */
	unsigned int repeats;
	bool tails, pmu;
	const char *plan_file;
	const char *clock;	/* "instructions", "time", or NULL: the target's own */
	/* where they run */
	bool on_host;
	const char *kernel;
	const char *headers;	/* of a kernel that is an image */
	const char *arch;
	const char *board;	/* NULL: the architecture's usual one */
	const char *append;
	unsigned int memory_mib;
	bool memory_asked;	/* --memory was given */
	unsigned int layouts;
	bool split_zeroing;	/* a boot that clears what is allocated, and one that doesn't */
	bool boot, isolate;
	unsigned int timeout_s;	/* 0: the watchdogs' own */
	const char *repeat_of;
	/* what becomes of the results */
	const char *json, *csv, *ktap, *html;
	const char *name;
	struct name_list tags;
	bool no_store, quiet, verbose, help;
	/* whether anything of what is run, or where, was given */
	bool seen_measurement;
	bool seen_facilities;
	bool seen_kernel;	/* --kernel or --headers */
	/* an option that was given and says how to measure or what to keep of it, or NULL */
	const char *seen_way;
};

extern const char run_help[];

#define OPTION_EXTENSION 64	/* the first id of another command's own options */

/* Another command's options beside those of run. */
struct option_extension {
	const char *command;
	/* its own; one with the name of one of run's replaces that, and with id 0 removes it */
	const struct option *options;
	/* NULL, or what is wrong, to be freed */
	char *(*read)(void *context, int id, const char *text);
	void *context;
	unsigned int layouts;		/* unless --layouts says it; 0: 1 */
	bool takes_operands;		/* they are argv[optind] and what follows */
};

enum exit_code run_options_read_for(const struct option_extension *extension,
				    struct run_options *options, int argc, char **argv);

/* EXIT_FINE, or EXIT_USAGE with one line said. */
enum exit_code run_options_read(struct run_options *options, int argc, char **argv);
void run_options_release(struct run_options *options);

#endif
