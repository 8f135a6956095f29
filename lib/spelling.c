// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/spelling.h"

#include <string.h>

#define NAME_MAX_COMPARED 32

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

/*
 * Return the number of insertions, deletions, replacements and swaps of neighbors that turn
 * a into b. table[i][j] is that number for the first i and j characters.
 */
static size_t edit_distance(const char *a, const char *b)
{
	size_t table[NAME_MAX_COMPARED + 1][NAME_MAX_COMPARED + 1];
	size_t rows = strlen(a), columns = strlen(b);

	for (size_t i = 0; i <= rows; i++) {
		for (size_t j = 0; j <= columns; j++) {
			size_t *cell = &table[i][j];

			if (!i || !j) {
				*cell = i + j;
				continue;
			}
			*cell = min3(table[i - 1][j] + 1, table[i][j - 1] + 1,
				     table[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				*cell = min3(*cell, *cell, table[i - 2][j - 2] + 1);
		}
	}
	return table[rows][columns];
}

const char *closest_name(const char *text, const char *const *names, size_t count)
{
	size_t text_length = strlen(text);
	const char *closest = NULL;
	size_t min = (size_t)-1;

	if (!text_length || text_length > NAME_MAX_COMPARED)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);
		size_t distance;

		if (length > NAME_MAX_COMPARED)
			continue;
		distance = edit_distance(text, names[i]);
		/* A prefix is similar, regardless of the length of the name. */
		if (text_length >= 3 && !strncmp(text, names[i], text_length))
			distance = 1;
		if (distance < min && distance <= (length < 3 ? 1 : length / 2)) {
			min = distance;
			closest = names[i];
		}
	}
	return closest;
}
