/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody who mistyped a name most likely meant. */
#ifndef KMEMLAB_NEAREST_H
#define KMEMLAB_NEAREST_H

#include <stddef.h>

/* The nearest of the names, or NULL where none is near enough to be meant. */
const char *nearest_name(const char *text, const char *const *names, size_t count);

#endif
