/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of results: written whole or not at all. "-" is standard output. */
#ifndef KMEMLAB_OUTPUT_H
#define KMEMLAB_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "base/exit_codes.h"

/* A file that an option names; without a path it was not given. */
struct output_option {
	const char *name;	/* "json" */
	const char *path;
};

/* The shell's ways to name standard output all mean "-"; other paths stay as they are. */
const char *output_path(const char *text);

/* EXIT_FINE, or EXIT_USAGE with one line said where two options name the same file. */
enum exit_code output_check_distinct(const char *command, const struct output_option *options,
				     size_t count);

/*
 * Tries, before anything costly is done, whether a file can be made there;
 * leaves nothing behind. EXIT_FINE, or EXIT_USAGE with one line said.
 */
enum exit_code output_check(const char *path);

/* EXIT_FINE, or EXIT_TROUBLE with one line said. */
enum exit_code output_write(const char *path, const json_t *document,
			    void (*report)(const json_t *document, FILE *out));

/* Whether all of standard output went out; says so where it did not. */
enum exit_code output_finish(void);

#endif
