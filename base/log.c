// SPDX-License-Identifier: GPL-2.0-or-later
#include "log.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "terminal.h"

static bool is_quiet, is_verbose, status_shown;

const char *program_name(void)
{
	return getenv("KMEMLAB_CALLED_AS") ?: "kmemlab";
}

char *program_text(const char *text)
{
	static const char quoted[] = "'kmemlab ";
	char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);
	const char *next;

	if (!out)
		exit(EXIT_HOST_ERROR);
	while ((next = strstr(text, quoted))) {
		fprintf(out, "%.*s'%s ", (int)(next - text), text, program_name());
		text = next + strlen(quoted);
	}
	fputs(text, out);
	if (fclose(out))
		exit(EXIT_HOST_ERROR);
	return result;
}

static char *format_line(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		exit(EXIT_HOST_ERROR);
	return text;
}

void log_status_clear(void)
{
	if (status_shown)
		fputs("\r\033[K", stderr);
	status_shown = false;
}

void log_status(const char *format, ...)
{
	va_list args;
	char *line;

	if (!log_shows_progress())
		return;
	va_start(args, format);
	line = format_line(format, args);
	va_end(args);
	fprintf(stderr, "\r%.*s\033[K", (int)terminal_columns(STDERR_FILENO, 80) - 1, line);
	free(line);
	status_shown = true;
}

/* Print a line. Names quoted in it may contain terminal escape sequences: replace them. */
static void print_line(enum style style, const char *prefix, const char *format, va_list args)
{
	char *line = format_line(format, args), *text = program_text(line);

	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c) && *c != '\n' && *c != '\t')
			*c = '?';
	log_status_clear();
	fprintf(stderr, "%s%s%s%s\n", style_start(stderr, style), prefix,
		style_end(stderr, style), text);
	free(text);
	free(line);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(STYLE_RED, "kmemlab: ", format, args);
	va_end(args);
}

void log_detail(const char *format, ...)
{
	va_list args;

	if (!is_verbose)
		return;
	va_start(args, format);
	print_line(STYLE_PLAIN, "kmemlab: ", format, args);
	va_end(args);
}

void log_set_verbose(bool verbose)
{
	is_verbose = verbose;
}

bool log_shows_progress(void)
{
	return !is_quiet && isatty(STDERR_FILENO);
}

void log_progress(const char *format, ...)
{
	va_list args;

	if (!log_shows_progress())
		return;
	va_start(args, format);
	print_line(STYLE_PLAIN, "", format, args);
	va_end(args);
}

void log_notice(const char *format, ...)
{
	va_list args;

	if (is_quiet)
		return;
	va_start(args, format);
	print_line(STYLE_PLAIN, "", format, args);
	va_end(args);
}

void log_set_quiet(bool quiet)
{
	is_quiet = quiet;
}

bool log_is_quiet(void)
{
	return is_quiet;
}
