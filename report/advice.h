/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which facility for these objects: the document "kmemlab.advice/1"
 * (docs/results.md), from a results document that has them measured. Pure.
 */
#ifndef KMEMLAB_ADVICE_H
#define KMEMLAB_ADVICE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#define ADVICE_SCHEMA "kmemlab.advice/1"

enum lifetime {
	LIFETIME_ANY,		/* cost and memory alike */
	LIFETIME_SHORT,		/* what allocating and freeing costs */
	LIFETIME_LONG,		/* what stands behind the objects */
};

struct need {
	long long object_size, objects;
	bool contiguous, atomic, dma32, zeroed;
	unsigned int cpus;
	enum lifetime lifetime;
};

/* The GFP profile that it is measured with. */
const char *need_gfp(const struct need *need);

/* NULL, and error is one line to be freed, where the document doesn't measure such objects. */
json_t *advice_build(const json_t *document, const struct need *need, char **error);

void advice_table(const json_t *advice, FILE *out);

#endif
