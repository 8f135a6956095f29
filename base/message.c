// SPDX-License-Identifier: GPL-2.0-or-later
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static bool is_quiet;

static void say(const char *prefix, const char *format, va_list args)
{
	fputs(prefix, stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
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
