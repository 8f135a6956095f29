/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suggestions for misspelled names. */
#ifndef KMEMLAB_LIB_SPELLING_H
#define KMEMLAB_LIB_SPELLING_H

#include <stddef.h>

/* Return the name closest to text, or NULL if none is similar. */
const char *closest_name(const char *text, const char *const *names, size_t count);

#endif
