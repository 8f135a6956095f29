/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kmemlab says to people: one line each, on standard error. */
#ifndef KMEMLAB_MESSAGE_H
#define KMEMLAB_MESSAGE_H

#include <stdbool.h>

/* "kmemlab: TEXT" on standard error, always. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line of progress on standard error: only where that is a terminal, and not after say_quiet(). */
bool says_progress(void);
void say_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line on standard error that even a log should have (a download and its size), unless quiet. */
void say_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

void say_quiet(bool quiet);

#endif
