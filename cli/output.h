/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of results: written whole or not at all. "-" is standard output. */
#ifndef KMEMLAB_OUTPUT_H
#define KMEMLAB_OUTPUT_H

#include <stdio.h>

#include <jansson.h>

#include "base/exit_codes.h"

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
