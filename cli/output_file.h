/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output files, which are written completely or not at all; "-" is standard output. */
#ifndef KMEMLAB_CLI_OUTPUT_FILE_H
#define KMEMLAB_CLI_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "cli/options.h"

/* A format to write and its file; without a path it is not written. */
struct output {
	const char *path;
	void (*print)(const json_t *document, FILE *out);
};

/* Return "-" for the names of standard output, any other path unchanged. */
const char *output_path(const char *path);

/*
 * Check that the file can be created; leaves nothing behind. Return EXIT_OK, or
 * EXIT_USAGE after reporting the error.
 */
enum exit_code output_check(const char *path);

/* Return EXIT_OK, or EXIT_HOST_ERROR after reporting the error. */
enum exit_code output_write(const char *path, const json_t *document,
			    void (*print)(const json_t *document, FILE *out));

/* Write all that have a path. Set *is_stdout_free if none went to standard output. */
enum exit_code outputs_write(const struct output *outputs, size_t count, const json_t *document,
			     bool *is_stdout_free);

/* Flush standard output. Return EXIT_OK, or EXIT_HOST_ERROR after reporting the error. */
enum exit_code output_finish(void);

/*
 * Write results to the files that the options name. Set *count to their number, and
 * *is_stdout_free if none of them is standard output.
 */
enum exit_code results_files_write(const struct options *options, const json_t *document,
				   size_t *count, bool *is_stdout_free);

#endif
