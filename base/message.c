// SPDX-License-Identifier: GPL-2.0-or-later
#include "message.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_codes.h"
#include "memory.h"

static bool is_quiet;

/* Names and files that are quoted in a message may have what a terminal would obey. */
static void say(const char *prefix, const char *format, va_list args)
{
	cleanup_free char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		exit(EXIT_TROUBLE);
	for (char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at) && *at != '\n' && *at != '\t')
			*at = '?';
	fprintf(stderr, "%s%s\n", prefix, text);
}

void say_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("kmemlab: ", format, args);
	va_end(args);
}

bool says_progress(void)
{
	return !is_quiet && isatty(STDERR_FILENO);
}

void say_progress(const char *format, ...)
{
	va_list args;

	if (!says_progress())
		return;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void say_note(const char *format, ...)
{
	va_list args;

	if (is_quiet)
		return;
	va_start(args, format);
	say("", format, args);
	va_end(args);
}

void say_quiet(bool quiet)
{
	is_quiet = quiet;
}
