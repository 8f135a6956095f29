/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of JSON documents by their path, as in json_int(result, "alloc.all.p50", 0).
 * If a member is missing, null or of another type, they return the fallback.
 */
#ifndef KMEMLAB_BASE_JSON_PATH_H
#define KMEMLAB_BASE_JSON_PATH_H

#include <stdbool.h>

#include <jansson.h>

/* Return a borrowed reference, or NULL if the member is missing or null. */
json_t *json_at(const json_t *object, const char *path);
const char *json_str(const json_t *object, const char *path, const char *fallback);
long long json_int(const json_t *object, const char *path, long long fallback);
/* An integer is accepted as well. */
double json_num(const json_t *object, const char *path, double fallback);
bool json_flag(const json_t *object, const char *path);	/* false by default */

/* Return true if the member is this string, or is missing and text is "". */
bool json_is(const json_t *object, const char *path, const char *text);

/* Return the first element of an array whose member is this string, borrowed, or NULL. */
json_t *json_find(const json_t *array, const char *path, const char *text);

/* Sort an array as qsort() does; a and b point to pointers to the elements. */
void json_sort(json_t *array, int (*compare)(const void *a, const void *b));

/* Return true if an array has this string. */
bool json_has_text(const json_t *array, const char *text);

/* Return a new array of the lines that are JSON; a line that was cut is left out. */
json_t *json_lines(const char *text);

/*
 * Return a new string, or null for NULL. In text that is not UTF-8, as the names of files may be, a
 * question mark replaces each byte that is not ASCII.
 */
json_t *json_text(const char *text);

#endif
