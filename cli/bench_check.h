/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exit status of kmemlab bench. */
#ifndef KMEMLAB_CLI_BENCH_CHECK_H
#define KMEMLAB_CLI_BENCH_CHECK_H

#include <jansson.h>

#include "base/error.h"
#include "cli/bench_modules.h"
#include "cli/options.h"

/*
 * Report modules that failed or were not loaded, and tests of KUnit that failed or have no result.
 * Return EXIT_CHECK_FAILED if there are any.
 */
enum exit_code bench_check(const json_t *document, const struct options *options,
			   const struct bench_modules *loaded);

#endif
