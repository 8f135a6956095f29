/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed between results: the document "kmemlab.comparison/1"
 * (docs/results.md) and the forms it is shown in. The first subject is what
 * all others are compared with. Pure.
 */
#ifndef KMEMLAB_COMPARISON_H
#define KMEMLAB_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "figures.h"

#define COMPARISON_SCHEMA "kmemlab.comparison/1"

/* A results document whose runs are boots of one thing. */
struct subject {
	const char *label;
	const json_t *document;
};

struct comparison_gate {
	bool set;
	double above_percent;		/* a worsening by more than this trips */
	bool kinds[FIGURE_KINDS];	/* in figures of these kinds */
};

/* asked: that the kernels' options differ is what is being compared. */
json_t *comparison_build(const struct subject *subjects, size_t count, bool asked,
			 const struct comparison_gate *gate);

/* Why these should not be compared, in one line to be freed, or NULL. */
char *comparison_obstacle(const json_t *comparison);

/* Whether anything was measured in the first and in another one, so that it can be judged. */
bool comparison_has_changes(const json_t *comparison);

/* Whether any difference is shown, and how often the gate tripped. */
bool comparison_shows(const json_t *comparison);
size_t comparison_trips(const json_t *comparison);

void comparison_table(const json_t *comparison, bool verbose, FILE *out);
void comparison_ktap(const json_t *comparison, FILE *out);
void comparison_markdown(const json_t *comparison, FILE *out);

#endif
