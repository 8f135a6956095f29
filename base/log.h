/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages on standard error, one line each. Control characters are replaced. */
#ifndef KMEMLAB_BASE_LOG_H
#define KMEMLAB_BASE_LOG_H

#include <stdbool.h>

/*
 * Return the text with the name that kmemlab was called by in the commands that it quotes:
 * "see './lab list facilities'". The caller frees it.
 */
char *program_text(const char *text);

/* Return the name that kmemlab was called by: "./lab" if lab started it, else "kmemlab". */
const char *program_name(void);

/* Print "kmemlab: TEXT". */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print progress, if standard error is a terminal and the log is not quiet. */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print a notice for terminals and log files (a download, for example), unless quiet. */
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Show a line that the next line or log_status_clear() replaces, cut at the terminal's width.
 * Only on terminals, as log_progress().
 */
void log_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_status_clear(void);

/* Return true if log_progress() prints. */
bool log_shows_progress(void);

void log_set_quiet(bool quiet);
bool log_is_quiet(void);

/* Print "kmemlab: TEXT" with --verbose. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

void log_set_verbose(bool verbose);

#endif
