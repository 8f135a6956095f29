/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The road from a plan to a results document, for every command that measures:
 * boots as often as the options say, or runs on the host.
 */
#ifndef KMEMLAB_ROAD_H
#define KMEMLAB_ROAD_H

#include <jansson.h>

#include "exec/plan.h"
#include "run_options.h"

/* Of a virtual machine: more would only make it slower. */
#define ROAD_CPUS_MAX 8

/* The command line as a shell reads it back, to be freed; lab says what it was called as. */
char *road_command_line(int argc, char **argv);

/* One run, or one boot with this layout. EXIT_FINE, or another code with one line said. */
enum exit_code road_boot(const struct plan *plan, const struct run_options *options,
			 unsigned int layout, const char *command, json_t **document);

/*
 * Refuses what a boot would only refuse, and of several kernels has each in the cache before any
 * of them boots: what was measured first would be lost where a later one cannot be had.
 */
enum exit_code road_check(const struct plan *plan, const struct run_options *options);

/*
 * A document with a run for each kernel, architecture and layout that the options list, or
 * with both of options->split_zeroing.
 */
enum exit_code road_take(const struct plan *plan, const struct run_options *options,
			 const char *command, json_t **document);

#endif
