/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suggestions for misspelled names, and plurals. */
#ifndef KMEMLAB_LIB_SPELLING_H
#define KMEMLAB_LIB_SPELLING_H

#include <stddef.h>
#include <stdint.h>

/* Return the name closest to text, or NULL if none is similar. */
const char *closest_name(const char *text, const char *const *names, size_t count);

/* Return the suffix of a noun after this number: "" or "s". */
static inline const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

#endif
