/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of HTML pages; internal to report/. A page is one file that refers to no other. */
#ifndef KMEMLAB_REPORT_HTML_H
#define KMEMLAB_REPORT_HTML_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "results.h"

/*
 * Start a page with a title and rules of CSS that only this page needs, or ""; end it with the
 * script that sorts, filters and zooms, and statements that only this page needs, or "".
 */
void html_begin(const char *title, const char *page_style, FILE *out);
void html_end(const char *page_script, FILE *out);

/* Start and end a folded part. */
void html_fold_begin(const char *summary, FILE *out);
void html_fold_end(FILE *out);

/* Print a table in a box that scrolls sideways, with an accessible name and a class. */
void html_table(const struct table *table, const char *name, const char *class, FILE *out);

/* Print each line up to an empty one as a paragraph. */
void html_lines(const char *text, FILE *out);

void html_fact(const char *name, const char *value, FILE *out);

/*
 * A scale from left to right in percent of its width. A logarithmic one is in powers of ten:
 * values below its low end are drawn there.
 */
struct html_scale {
	bool linear;
	double low, high;	/* logarithms unless linear */
	unsigned int steps;	/* between grid lines */
};

/* Return the logarithmic scale of all positive values from min to max. */
struct html_scale html_scale_log(double min, double max);
struct html_scale html_scale_linear(double min, double max);

/* Range of positive values. */
struct html_range {
	double min, max;
};

#define HTML_NO_RANGE	{ INFINITY, 0 }

/* Extend the range by a value; NAN and values that a logarithmic scale lacks are ignored. */
void html_range_add(struct html_range *range, double value);
struct html_scale html_range_scale(const struct html_range *range);

double html_position(const struct html_scale *scale, double value);

/* Return "100", "10k", "1M": the label of a power of ten or of two. */
struct format html_short(double value);

/* Print a head cell with the scale's labels; suffix follows each of them. */
void html_axis(const struct html_scale *scale, const char *suffix, FILE *out);

/* Start a picture's cell, which dots and bars are positioned in; end it. */
void html_track_begin(const struct html_scale *scale, FILE *out);
void html_dot(const struct html_scale *scale, double value, const char *class, FILE *out);
void html_bar(const struct html_scale *scale, double from, double to, const char *class,
	      FILE *out);
void html_track_end(FILE *out);

/* Print a dot of this class and its meaning, for the key of a picture. */
void html_key(const char *class, const char *text, FILE *out);

/* Print what the first screen of a run shows: costs, memory and contiguity as pictures. */
void html_pictures(const json_t *run, FILE *out);

/* Print small charts of rows that differ in one parameter; series pass through the selected. */
void html_multiples(const struct results_rows *selected, const struct results_rows *all,
		    const char *unit, FILE *out);

extern const char *const html_directions[2];	/* "alloc" and "free" */

/* Return the mean of a direction, or NAN. */
double html_mean(const json_t *result, const char *direction);

/* Return true if two experiments differ at most in the value at path. */
bool html_same_except(const json_t *a, const json_t *b, const char *path);

/* Print the distributions of all results of a run, one per row. */
void html_distributions(const json_t *run, FILE *out);

/* Return the command without options that only affect output; the caller frees it. */
char *html_repeat_command(const char *command);

#endif
