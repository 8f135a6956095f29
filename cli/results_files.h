/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that run, measure and report write. */
#ifndef KMEMLAB_CLI_RESULTS_FILES_H
#define KMEMLAB_CLI_RESULTS_FILES_H

#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"
#include "cli/options.h"

/*
 * Write results to the files that the options name. Set *count to their number, and
 * *is_stdout_free if none of them is standard output.
 */
enum exit_code results_files_write(const struct options *options, const json_t *document,
				   size_t *count, bool *is_stdout_free);

#endif
