/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KMEMLAB_FIRST_LINE_H
#define KMEMLAB_FIRST_LINE_H

#include <stddef.h>

/* A file's first line without its end, cut to size; "" where there is none. */
void read_first_line(const char *path, char *line, size_t size);

#endif
