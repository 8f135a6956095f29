/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of each cost is clearing that init_on_alloc does: of a document with it on and off. */
#ifndef KMEMLAB_ZEROING_H
#define KMEMLAB_ZEROING_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* Whether the document is of such a pair: its first run has the option on, its second off. */
bool zeroing_told_apart(const json_t *document);

/* A table: p50 with and without, and what lies between, absolute and in per cent. */
void zeroing_print(const json_t *document, FILE *out);

#endif
