/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks one module: builds it, boots, and judges what the guest reports. */
#ifndef KMEMLAB_CLI_CHECK_RUN_H
#define KMEMLAB_CLI_CHECK_RUN_H

#include <jansson.h>

#include "cli/options.h"

/*
 * Check FILE.c, DIR or FILE.ko. Return an object with "module", "verdict" ("right", "wrong",
 * "does not build" or "not checked"), "findings" and "notes"; the caller owns it.
 */
json_t *check_run(const struct options *options, const char *path);

#endif
