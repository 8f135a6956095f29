// SPDX-License-Identifier: GPL-2.0-or-later
#include "nearest.h"

#include <string.h>

#define NAME_MAX_COMPARED 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Insertions, deletions and replacements that turn one into the other (Levenshtein). */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_COMPARED + 1];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[length];
}

const char *nearest_name(const char *text, const char *const *names, size_t count)
{
	size_t text_length = strlen(text);
	const char *nearest = NULL;
	size_t least = (size_t)-1;

	if (!text_length || text_length > NAME_MAX_COMPARED)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);
		size_t distance;

		if (length > NAME_MAX_COMPARED)
			continue;
		distance = edit_distance(text, names[i]);
		/* A word cut short or carried on is meant, however much is missing. */
		if (text_length >= 3 && !strncmp(text, names[i], text_length))
			distance = 1;
		if (distance < least && distance <= (length < 3 ? 1 : length / 2)) {
			least = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
