/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line of kmemlab run asks for. */
#ifndef KMEMLAB_RUN_OPTIONS_H
#define KMEMLAB_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/exit_codes.h"
#include "lists.h"

struct run_options {
	/* the experiments */
	struct name_list facilities, workloads, gfps;
	struct number_list objects, sizes;
	uint64_t seed;
	const char *plan_file;
	const char *clock;	/* "instructions", "time", or NULL: the target's own */
	/* where they run */
	bool on_host;
	const char *kernel;
	const char *arch;
	const char *append;
	unsigned int memory_mib;
	unsigned int timeout_s;	/* 0: the watchdogs' own */
	/* what becomes of the results */
	const char *json, *csv, *ktap;
	bool boot, isolate;
	bool quiet, verbose, help;
};

extern const char run_help[];

/* EXIT_FINE, or EXIT_USAGE with one line said. */
enum exit_code run_options_read(struct run_options *options, int argc, char **argv);
void run_options_release(struct run_options *options);

#endif
