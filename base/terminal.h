/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal that reports are printed to: its width, colors and characters. */
#ifndef KMEMLAB_BASE_TERMINAL_H
#define KMEMLAB_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN, STYLE_BOLD, STYLE_RED, STYLE_GREEN,
};

/* Read the locale, and set when to use colors: "auto", "always" or "never" (NULL: auto). */
void terminal_setup(const char *color);

/*
 * Return the stream for reports: standard output, and on a terminal one that wraps lines at its
 * width.
 */
FILE *terminal_out(void);

/*
 * Flush it, and standard output. Return: 0, or -1 with errno set if this or an earlier write
 * failed.
 */
int terminal_flush(void);

/* Return the columns of the terminal, or the fallback if out is not one. */
size_t terminal_width(FILE *out, size_t fallback);

/* Return the columns of a terminal, at least 40, or the fallback. */
unsigned int terminal_columns(int fd, unsigned int fallback);

/* Return true if out shows colors. Strings and files never do. */
bool terminal_has_color(FILE *out);

/* Return the escape sequence that starts or ends a style, or "" without colors. */
const char *style_start(FILE *out, enum style style);
const char *style_end(FILE *out, enum style style);

/* Return false in a locale that cannot show block characters. */
bool terminal_utf8(void);

#endif
