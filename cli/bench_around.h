/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option --around of kmemlab bench. */
#ifndef KMEMLAB_CLI_BENCH_AROUND_H
#define KMEMLAB_CLI_BENCH_AROUND_H

#include <jansson.h>

#include "base/error.h"
#include "cli/options.h"
#include "explain/around.h"
#include "vm/request.h"

/*
 * Find the functions in the kernel of the request, and set *ranges for its trace, which the caller
 * frees. Return EXIT_OK or report the error.
 */
enum exit_code bench_around_find(struct around *around, const struct options *options,
				 const struct vm_request *request, bool kunit, char **ranges);

/*
 * Read the calls from the trace and add them to the document. kunit as for bench_around_find().
 * Return EXIT_OK or report the error.
 */
enum exit_code bench_around_add(struct around *around, bool kunit, FILE *trace, json_t *document);

#endif
