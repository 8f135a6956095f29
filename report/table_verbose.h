/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each experiment in full, for --verbose. */
#ifndef KMEMLAB_TABLE_VERBOSE_H
#define KMEMLAB_TABLE_VERBOSE_H

#include <stdio.h>

#include <jansson.h>

void verbose_print(const json_t *document, FILE *out);

#endif
